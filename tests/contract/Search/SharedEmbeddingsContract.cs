using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Testing.Search;

namespace OrleansChat.Contract.Tests.Search;

/// <summary>What processes that embed over the same actors share.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SharedEmbeddingsContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private readonly ScriptedEmbedder _embedder = new();

    [Fact]
    public async Task EmbedAsync_OfWhatAnotherProcessEmbedded_AsksNobody()
    {
        var first = await EmbedAsync("one", "two");
        var second = await EmbedAsync("two", "one", "three");

        Assert.Equal(["one", "two", "three"], _embedder.Texts);
        Assert.Equal(first[0].ToArray(), second[1].ToArray());
        Assert.Equal(first[1].ToArray(), second[0].ToArray());
    }

    [Fact]
    public async Task EmbedAsync_AfterACrash_AsksNobodyUntilADayHasPassed()
    {
        await EmbedAsync("one");
        await Host.CrashAsync();
        await EmbedAsync("one");
        Assert.Equal(["one"], _embedder.Texts);

        Clock.Advance(TimeSpan.FromHours(25));
        await EmbedAsync("one");
        Assert.Equal(["one", "one"], _embedder.Texts);
    }

    /// <summary>As a process that has just started.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(params string[] texts)
    {
        using var metrics = new EmbeddingMetrics();
        var shared = new SharedEmbeddings(Actors, NullLogger<SharedEmbeddings>.Instance);
        var embeddings = new SearchEmbeddings(_embedder, Clock, Options.Create(new OrleansChatOptions()), metrics, shared);
        return await embeddings.EmbedAsync("scripted/letters", EmbeddingPurpose.Document, texts, SearchPayer.System, default);
    }
}
