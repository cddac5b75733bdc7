using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Tests.Turns;

namespace OrleansChat.Core.Tests.Search.Querying;

/// <summary>What becomes of a search whose models may not be asked.</summary>
public sealed class RefusedModelTests : IAsyncLifetime
{
    private static readonly Problem Empty = Problem.Of(ProblemCode.BudgetExceeded, "The budget is empty.") with { Subject = "key:poor" };
    private static readonly SearchPayer Poor = new(new ApiKey { Id = "poor" });

    private readonly RecordingAdmission _admission = new();
    private readonly SearchBench _bench;

    public RefusedModelTests() => _bench = new SearchBench(_admission);

    public async Task InitializeAsync()
    {
        await _bench.CreateAsync();
        await _bench.IndexAsync([.. Enumerable.Range(0, 20).Select(i => new SourceDocument { Id = $"d{i:D2}", Text = $"fox {new string('x', i)}" })]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Dense)]
    public async Task Search_WhenTheEmbeddingIsRefused_AnswersFromWordsWithTheCause(SearchMode mode)
    {
        var words = await SearchAsync(SearchMode.Lexical);
        _admission.Refuse = static request => request.Key.Id == "poor" ? Empty : null;
        var answer = await SearchAsync(mode);
        Assert.Equal((true, "budget_exceeded", "key:poor"), (answer.Degraded, answer.Cause!.Code, answer.Cause.Subject));
        Assert.Equal(words.Hits.Select(hit => hit.DocumentId), answer.Hits.Select(hit => hit.DocumentId));
        Assert.All(answer.Hits, hit => Assert.Null(hit.Scores.Dense));
    }

    [Fact]
    public async Task Search_WhenTheCallersLimitsRefuse_LeavesTheServersHealthAlone()
    {
        _admission.Refuse = static _ => Empty;
        await SearchAsync(SearchMode.Hybrid, rerank: true);
        Assert.Equal(HealthFinding.Healthy, await _bench.Fallbacks.CheckAsync(default));

        _admission.Refuse = static _ => null;
        _bench.Embedder.BeforeAnswer = static _ => throw new UpstreamException("scripted", UpstreamFailure.CircuitOpen, "it is left alone.");
        Assert.Equal("upstream_unavailable", (await SearchAsync(SearchMode.Hybrid)).Cause?.Code);
        Assert.Contains(Fallbacks.DenseSearch, (await _bench.Fallbacks.CheckAsync(default)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_WhenTheRerankingIsRefused_KeepsTheOrderAndSaysSo()
    {
        _bench.Reranker.Score = static text => text.Length;
        var fused = await SearchAsync(SearchMode.Hybrid);
        _admission.Refuse = static request => request.Target?.Model == "rerank" ? Empty : null;
        var answer = await SearchAsync(SearchMode.Hybrid, rerank: true);
        Assert.Equal(fused.Hits.Select(hit => hit.DocumentId), answer.Hits.Select(hit => hit.DocumentId));
        Assert.Equal((true, "budget_exceeded"), (answer.Degraded, answer.Cause!.Code));
        Assert.All(answer.Hits, hit => Assert.Null(hit.Scores.Reranked));
    }

    [Fact]
    public async Task Search_WithRerank_PaysForTheQuestionWithEveryText()
    {
        _bench.Reranker.Tokens = 321;
        await SearchAsync(SearchMode.Lexical, rerank: true);
        var asked = _admission.Asked.Last();
        Assert.Equal(("poor", "scripted/rerank"), (asked.Key.Id, asked.Target.ToString()));
        var texts = Enumerable.Range(0, 20).Sum(i => "fox ".Length + i);
        Assert.InRange(asked.InputTokens, texts - 20, texts + (20 * "fox".Length));
        Assert.Equal(321, _admission.Settled.Last().Usage.InputTokens);
    }

    [Fact]
    public async Task Index_WhenTheBudgetEndsUnderWay_KeepsWhatIsIndexedAndSaysWhy()
    {
        var calls = 0;
        _admission.Refuse = _ => Interlocked.Increment(ref calls) > 2 ? Empty : null;
        _bench.Payer = Poor;
        SourceDocument[] more = [.. Enumerable.Range(0, 12).Select(i => new SourceDocument { Id = $"m{i:D2}", Text = $"badger {i}" })];
        var refusal = await Assert.ThrowsAsync<RequestException>(() => _bench.IndexAsync(more));
        Assert.Equal("budget_exceeded", refusal.Problem.Code);

        _admission.Refuse = static _ => null;
        var report = await _bench.IndexAsync(more);
        Assert.Equal((4, 8), (report.Indexed, report.Unchanged));
    }

    private async Task<SearchAnswer> SearchAsync(SearchMode mode, bool rerank = false) => await _bench.Search.SearchAsync(
        new SearchRequest { Collection = "docs", Query = "fox", Mode = mode, Rerank = rerank, Payer = Poor }, default);
}
