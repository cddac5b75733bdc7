using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Turns;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search.Metering;

public sealed class SearchCallsTests
{
    private static readonly SearchPayer Caller = new(new ApiKey { Id = "caller" });

    private readonly FakeClock _clock = new();
    private readonly RecordingAdmission _admission = new();
    private readonly ScriptedEmbedder _embedder = new();

    [Fact]
    public async Task Embed_WhenTheModelReportsTokens_SettlesThemForTheCaller()
    {
        _embedder.Tokens = 7;
        await EmbedAsync(Create(), "one", "two");
        var asked = Assert.Single(_admission.Asked);
        Assert.Equal(("caller", "scripted/letters", "scripted/letters", 6L, 6L, 0L), (
            asked.Key.Id, asked.Model, asked.Target.ToString(), asked.InputTokens, asked.InputBytes, asked.OutputTokens));
        var settled = Assert.Single(_admission.Settled);
        Assert.Equal((asked.OperationId, 7L, 0L, false, "scripted"), (
            settled.Operation, settled.Usage.InputTokens, settled.Usage.OutputTokens, settled.Usage.Estimated, settled.Upstream));
        Assert.Empty(_admission.Released);
    }

    [Fact]
    public async Task Embed_WhenTheModelReportsNothing_SettlesACountAsAnEstimate()
    {
        await EmbedAsync(Create(), "seven letters");
        var usage = Assert.Single(_admission.Settled).Usage;
        Assert.Equal((TokenEstimate.Count("seven letters"), true), (usage.InputTokens, usage.Estimated));
    }

    [Fact]
    public async Task Embed_OfANegativeReport_BooksNothing()
    {
        _embedder.Tokens = -5;
        await EmbedAsync(Create(), "a");
        Assert.Equal(0, Assert.Single(_admission.Settled).Usage.InputTokens);
    }

    [Fact]
    public async Task Embed_WhenRefused_AsksNobodyAndSaysWhy()
    {
        _admission.Refuse = static _ => Problem.Of(ProblemCode.BudgetExceeded, "empty");
        var refusal = await Assert.ThrowsAsync<RequestException>(() => EmbedAsync(Create(), "a", "b"));
        Assert.Equal(ProblemCode.BudgetExceeded.Name, refusal.Problem.Code);
        Assert.Empty(_embedder.Texts);
        Assert.Single(_admission.Asked);
    }

    [Fact]
    public async Task Embed_WhenTheModelFails_IsTakenBack()
    {
        _embedder.BeforeAnswer = static _ => throw new UpstreamException("scripted", UpstreamFailure.Connection, "it is down.");
        await Assert.ThrowsAsync<UpstreamException>(() => EmbedAsync(Create(), "a"));
        Assert.Equal(Assert.Single(_admission.Asked).OperationId, Assert.Single(_admission.Released));
        Assert.Empty(_admission.Settled);
    }

    [Fact]
    public async Task Embed_WhenTheAnswerIsOfNoUse_IsPaidForAllTheSame()
    {
        (_embedder.Tokens, _embedder.Missing) = (9, 1);
        await Assert.ThrowsAsync<UpstreamException>(() => EmbedAsync(Create(), "a", "b"));
        Assert.Equal(9, Assert.Single(_admission.Settled).Usage.InputTokens);
        Assert.Empty(_admission.Released);
    }

    [Fact]
    public async Task Embed_WhenTheCallerLeavesWhileTheModelWorks_IsPaidForByACount()
    {
        using var caller = new CancellationTokenSource();
        _embedder.BeforeAnswer = async _ =>
        {
            await caller.CancelAsync();
            caller.Token.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmbedAsync(Create(), Caller, caller.Token, "hello"));
        Assert.True(Assert.Single(_admission.Settled).Usage.Estimated);
    }

    [Fact]
    public async Task Embed_OfWhatTheCacheHas_CostsNothing()
    {
        var embeddings = Create(new EmbeddingsOptions());
        await EmbedAsync(embeddings, "a", "b");
        await EmbedAsync(embeddings, "b", "a");
        Assert.Single(_admission.Asked);
        await EmbedAsync(embeddings, "a", "ccc");
        Assert.Equal([2L, 3L], _admission.Asked.Select(asked => asked.InputTokens));
    }

    [Fact]
    public async Task Embed_OfOneTextFromManySides_IsPaidForOnce()
    {
        var answer = new TaskCompletionSource();
        _embedder.BeforeAnswer = _ => answer.Task;
        var embeddings = Create(new EmbeddingsOptions());
        var calls = Enumerable.Range(0, 20).Select(_ => EmbedAsync(embeddings, "a")).ToArray();
        answer.SetResult();
        await Task.WhenAll(calls);
        Assert.Single(_admission.Settled);
    }

    [Fact]
    public async Task Embed_WhenTheFirstOfTwoIsRefused_LetsTheOtherPayForItself()
    {
        var (asked, refuse) = (new TaskCompletionSource(), new TaskCompletionSource());
        _admission.BeforeAnswer = request =>
        {
            asked.TrySetResult();
            return request.Key.Id == "poor" ? refuse.Task : Task.CompletedTask;
        };
        _admission.Refuse = static request => request.Key.Id == "poor" ? Problem.Of(ProblemCode.BudgetExceeded, "empty") : null;
        var embeddings = Create(new EmbeddingsOptions());
        var poor = EmbedAsync(embeddings, new SearchPayer(new ApiKey { Id = "poor" }), default, "a");
        await asked.Task;
        var rich = EmbedAsync(embeddings, "a");
        refuse.SetResult();
        await Assert.ThrowsAsync<RequestException>(() => poor);
        await rich;
        Assert.Equal(["poor", "caller"], _admission.Asked.Select(request => request.Key.Id));
    }

    [Fact]
    public async Task Embed_OfMoreThanALimitEverAllows_IsAskedForInParts()
    {
        _admission.Refuse = static request => request.InputTokens > 4 ? Problem.Of(ProblemCode.RateLimited, "too much at once") : null;
        var vectors = await EmbedAsync(Create(), "aaa", "bbb", "c", "d", "eeee");
        Assert.Equal(5, vectors.Count);
        Assert.Equal(1, vectors[1].Span['b' % 26] / 3);
        Assert.All(_admission.Asked.Where(request => _admission.Settled.Any(settled => settled.Operation == request.OperationId)), request => Assert.True(request.InputTokens <= 4));
        await Assert.ThrowsAsync<RequestException>(() => EmbedAsync(Create(), "fffff", "g"));
    }

    [Fact]
    public async Task Embed_WhenARefusalPasses_IsWaitedForInTheBackgroundOnly()
    {
        var refusal = Problem.Of(ProblemCode.RateLimited, "busy") with { RetryAfterSeconds = 20 };
        var refusals = 1;
        _admission.Refuse = _ => refusals-- > 0 ? refusal : null;
        await Assert.ThrowsAsync<RequestException>(() => EmbedAsync(Create(), "a"));
        refusals = 1;
        var patient = EmbedAsync(Create(), SearchPayer.System, default, "a");
        await TestWait.UntilAsync(() => _clock.HasTimerIn(TimeSpan.FromSeconds(20)));
        Assert.False(patient.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await patient;
        Assert.Equal("system", _admission.Asked.Last().Key.Id);

        refusal = refusal with { RetryAfterSeconds = 3_600 };
        refusals = 1;
        await Assert.ThrowsAsync<RequestException>(() => EmbedAsync(Create(), SearchPayer.System, default, "a"));
    }

    [Fact]
    public async Task Embed_ThatTakesLong_KeepsItsLeases()
    {
        var answer = new TaskCompletionSource();
        _embedder.BeforeAnswer = _ => answer.Task;
        var call = EmbedAsync(Create(), "a");
        await TestWait.UntilAsync(() => _clock.HasTimerIn(RateLimitRequest.DefaultLease / 3));
        _clock.Advance(RateLimitRequest.DefaultLease / 3);
        await TestWait.UntilAsync(() => _admission.Renewed == 1);
        answer.SetResult();
        await call;
        Assert.Single(_admission.Settled);
    }

    [Fact]
    public async Task Embed_WithTheBuiltinModel_IsNotMetered()
    {
        var embeddings = Create(new EmbeddingsOptions());
        await embeddings.EmbedAsync("builtin/letters", EmbeddingPurpose.Query, ["a"], Caller, default);
        Assert.Empty(_admission.Asked);
    }

    private SearchEmbeddings Create(EmbeddingsOptions? options = null)
    {
        var calls = new SearchCalls(_admission, new RouteWalker(), new FixedModels(), _clock, NullLogger<SearchCalls>.Instance);
        var settings = Options.Create(new OrleansChatOptions { Embeddings = options ?? new EmbeddingsOptions { CacheTtl = TimeSpan.Zero } });
        return new SearchEmbeddings(_embedder, _clock, settings, new EmbeddingMetrics(), calls: calls);
    }

    private static Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(SearchEmbeddings embeddings, params string[] texts) =>
        EmbedAsync(embeddings, Caller, default, texts);

    private static Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(
        SearchEmbeddings embeddings, SearchPayer payer, CancellationToken cancellationToken, params string[] texts) =>
        embeddings.EmbedAsync("scripted/letters", EmbeddingPurpose.Document, texts, payer, cancellationToken);
}
