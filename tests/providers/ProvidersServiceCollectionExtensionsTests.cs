using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers.Tests;

public sealed class ProvidersServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddOrleansChatProviders_GivesOneRegistryUnderBothInterfaces()
    {
        var services = new ServiceCollection();
        services.AddSingleton(Options.Create(new OrleansChatOptions { Upstreams = [new UpstreamOptions { Id = "a", BaseUrl = "http://127.0.0.1:1/v1" }] }));
        await using var provider = services.AddOrleansChatProviders().BuildServiceProvider();

        var registry = provider.GetRequiredService<UpstreamRegistry>();

        Assert.Same(registry, provider.GetRequiredService<IUpstreams>());
        Assert.Same(registry, provider.GetRequiredService<IPassThroughs>());
        Assert.NotNull(registry.Find("a"));
    }

    [Fact]
    public void AddOrleansChatProviders_KindThatIsNotSpoken_SaysSoWithRemedy()
    {
        var failure = Assert.Throws<NotSupportedException>(() => new UpstreamRegistry(
            [new UpstreamOptions { Id = "a", Kind = (UpstreamKind)99 }], TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance));

        Assert.Contains("'a'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'OpenAI'", failure.Message, StringComparison.Ordinal);
    }
}
