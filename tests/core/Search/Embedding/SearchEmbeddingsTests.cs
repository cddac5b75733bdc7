using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search.Embedding;

public sealed class SearchEmbeddingsTests
{
    private readonly ScriptedEmbedder _embedder = new();
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task EmbedAsync_OfTheSameTextAgain_AsksOnce()
    {
        var embeddings = Create();
        var first = await EmbedAsync(embeddings, "a", "b", "a");
        var second = await EmbedAsync(embeddings, "b", "c");
        Assert.Equal(["a", "b", "c"], _embedder.Texts);
        Assert.Equal(first[1].ToArray(), second[0].ToArray());
        Assert.Equal(first[0].ToArray(), first[2].ToArray());
    }

    [Fact]
    public async Task EmbedAsync_ByAnotherModel_AsksAgain()
    {
        var embeddings = Create();
        await embeddings.EmbedAsync("scripted/one", EmbeddingPurpose.Document, ["a"], SearchPayer.System, default);
        await embeddings.EmbedAsync("scripted/two", EmbeddingPurpose.Document, ["a"], SearchPayer.System, default);
        Assert.Equal(["a", "a"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_AfterADay_AsksAgain()
    {
        var embeddings = Create();
        await EmbedAsync(embeddings, "a");
        _clock.Advance(TimeSpan.FromHours(23));
        await EmbedAsync(embeddings, "a");
        _clock.Advance(TimeSpan.FromHours(2));
        await EmbedAsync(embeddings, "a");
        Assert.Equal(["a", "a"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_AtOnceFromManySides_MakesOneCallForATextAndOneForTheRest()
    {
        var held = new TaskCompletionSource();
        _embedder.BeforeAnswer = _ => held.Task;
        var embeddings = Create();
        var first = EmbedAsync(embeddings, "a", "b");
        var others = Enumerable.Range(0, 20).Select(_ => EmbedAsync(embeddings, "b", "a")).ToArray();
        var more = EmbedAsync(embeddings, "a", "c");
        held.SetResult();
        await Task.WhenAll([first, more, .. others]);
        Assert.Equal(["a", "b", "c"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_WhenTheCallItWaitsForFails_AsksItself()
    {
        var held = new TaskCompletionSource();
        var calls = 0;
        _embedder.BeforeAnswer = async _ =>
        {
            if (Interlocked.Increment(ref calls) > 1)
                return;
            await held.Task;
            throw new UpstreamException("scripted", UpstreamFailure.Connection, "it is down.");
        };
        var embeddings = Create();
        var first = EmbedAsync(embeddings, "a");
        var second = EmbedAsync(embeddings, "a");
        held.SetResult();
        await Assert.ThrowsAsync<UpstreamException>(() => first);
        Assert.Single(await second);
        Assert.Equal(["a", "a"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_BeyondTheCachesSize_ForgetsWhatWasNotAskedForLongest()
    {
        var embeddings = Create(new EmbeddingsOptions { CacheMegabytes = 1 });
        _embedder.Dimension = 100_000;
        await EmbedAsync(embeddings, "a");
        await EmbedAsync(embeddings, "b");
        await EmbedAsync(embeddings, "a");
        await EmbedAsync(embeddings, "c");
        await EmbedAsync(embeddings, "a");
        await EmbedAsync(embeddings, "b");
        Assert.Equal(["a", "b", "c", "b"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_WithoutACache_AsksEachTime()
    {
        var embeddings = Create(new EmbeddingsOptions { CacheTtl = TimeSpan.Zero });
        await EmbedAsync(embeddings, "a");
        await EmbedAsync(embeddings, "a");
        Assert.Equal(["a", "a"], _embedder.Texts);
    }

    [Fact]
    public async Task EmbedAsync_OfTooFewVectors_IsAFaultOfTheModel()
    {
        _embedder.Missing = 1;
        await Assert.ThrowsAsync<UpstreamException>(() => EmbedAsync(Create(), "a", "b"));
    }

    private SearchEmbeddings Create(EmbeddingsOptions? options = null) =>
        new(_embedder, _clock, Options.Create(new OrleansChatOptions { Embeddings = options ?? new EmbeddingsOptions() }), new EmbeddingMetrics());

    private static Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(SearchEmbeddings embeddings, params string[] texts) =>
        embeddings.EmbedAsync("scripted/letters", EmbeddingPurpose.Document, texts, SearchPayer.System, default);
}
