using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.VectorQdrant.Tests.Settings;

public sealed class QdrantSettingsTests
{
    [Fact]
    public void Settings_AreReadFromTheEnvironment()
    {
        var (options, faults) = Read(("URL", "https://qdrant:6334"), ("COLLECTIONPREFIX", "x-"), ("REPLICAS", "3"), ("COMMITDELAY", "00:00:00.500"));
        Assert.Empty(faults);
        Assert.Equal(
            new QdrantOptions { Url = "https://qdrant:6334", CollectionPrefix = "x-", Replicas = 3, CommitDelay = TimeSpan.FromMilliseconds(500) },
            options.Qdrant);
    }

    [Theory]
    [InlineData("URL", "qdrant:6334")]
    [InlineData("URL", "http://user:secret@qdrant:6334")]
    [InlineData("APIKEY", "env:NO_SUCH_VARIABLE_OF_QDRANT")]
    [InlineData("COLLECTIONPREFIX", "a/b")]
    [InlineData("TIMEOUT", "00:00:00")]
    [InlineData("COMMITDELAY", "00:01:00")]
    [InlineData("DELETIONMEMORY", "00:00:01")]
    [InlineData("REPLICAS", "0")]
    public void AWrongSetting_IsAFaultThatNamesIt(string name, string value)
    {
        var fault = Assert.Single(Read((name, value)).Faults);
        Assert.Equal($"OrleansChat:Qdrant:{name}", fault.Key, ignoreCase: true);
        Assert.DoesNotContain("secret@", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AddQdrantVectorStore_RegistersStoreAndHealthWithoutConnecting()
    {
        using var provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(Options.Create(new OrleansChatOptions()))
            .AddQdrantVectorStore()
            .AddQdrantVectorStore()
            .BuildServiceProvider();
        Assert.IsType<QdrantVectorStore>(provider.GetRequiredService<IVectorStore>());
        Assert.Equal("qdrant", Assert.Single(provider.GetServices<IHealthComponent>()).Name);
    }

    private static (OrleansChatOptions Options, IReadOnlyList<SettingsFault> Faults) Read(params (string Name, string Value)[] settings) =>
        OrleansChatSettings.Read(new SettingsPlaces
        {
            WorkingDirectory = Path.GetTempPath(),
            HomeDirectory = "",
            SystemDirectory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")),
            Environment = settings.ToDictionary(setting => $"ORLEANSCHAT__QDRANT__{setting.Name}", setting => setting.Value),
        });
}
