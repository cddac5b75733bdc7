using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Tests.Search.Querying;

public sealed class RerankTests : IAsyncLifetime
{
    private readonly SearchBench _bench = new();

    public async Task InitializeAsync()
    {
        await _bench.CreateAsync();
        await _bench.IndexAsync([.. Enumerable.Range(0, 20).Select(i => new SourceDocument { Id = $"d{i:D2}", Text = $"fox {new string('x', i)}" })]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Search_WithRerank_TakesTheModelsOrderAlsoFromBelowTheLimit()
    {
        _bench.Reranker.Score = text => text.Length;
        var answer = await SearchAsync(rerank: true);
        Assert.Equal(["d19", "d18", "d17"], answer.Hits.Select(hit => hit.DocumentId));
        Assert.Equal(23, answer.Hits[0].Scores.Reranked);
        Assert.False(answer.Degraded);
    }

    [Fact]
    public async Task Search_WhenTheModelFails_KeepsTheOrderAndSaysSo()
    {
        var plain = await SearchAsync(rerank: false);
        _bench.Reranker.Score = _ => throw new UpstreamException("scripted", UpstreamFailure.Connection, "it is down.");
        var answer = await SearchAsync(rerank: true);
        Assert.Equal(plain.Hits.Select(hit => hit.DocumentId), answer.Hits.Select(hit => hit.DocumentId));
        Assert.True(answer.Degraded);
        Assert.NotNull(answer.Cause);
    }

    private Task<SearchAnswer> SearchAsync(bool rerank) => _bench.Search.SearchAsync(
        new SearchRequest { Collection = "docs", Query = "fox", Limit = 3, Rerank = rerank }, default).AsTask();
}
