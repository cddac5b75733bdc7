using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Reranking;

public sealed class VoyageTests : IAsyncLifetime
{
    private ScriptedUpstream _upstream = null!;
    private UpstreamRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _registry = new UpstreamRegistry(
            [new UpstreamOptions { Id = "voyage", Kind = UpstreamKind.Voyage, BaseUrl = _upstream.BaseUrl, MaxRetries = 0 }], TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        _registry.Dispose();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Embeddings_TellWhatTheyAreForInVoyagesOwnWords()
    {
        var generator = _registry.Embeddings(new UpstreamTarget("voyage", "voyage-3"));
        Assert.NotNull(generator.GetService<EmbeddingPurposes>());
        _upstream.Enqueue(Reply.Embeddings(4));

        await generator.GenerateAsync(
            ["a"], new EmbeddingGenerationOptions { Dimensions = 4, AdditionalProperties = new() { [EmbeddingPurposes.Property] = "query" } });

        var body = _upstream.Requests.Single().Body;
        Assert.Equal(("query", 4), (body.GetProperty("input_type").GetString(), body.GetProperty("output_dimension").GetInt32()));
        Assert.False(body.TryGetProperty("encoding_format", out _));
    }

    [Theory]
    [InlineData("""{"object":"list","data":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}""")]
    [InlineData("""{"results":[{"index":0,"relevance_score":0.1},{"index":1,"relevance_score":0.9}]}""")]
    [InlineData("""[{"index":1,"score":0.9},{"index":0,"score":0.1}]""")]
    public async Task Reranker_ReadsEveryUsualAnswer(string answer)
    {
        _upstream.Enqueue(Reply.Raw(200, "application/json", answer));
        var scores = await _registry.Reranker(new UpstreamTarget("voyage", "rerank-2")).ScoreAsync("q", ["a", "b"], null, default);
        Assert.Equal([0.1, 0.9], scores.Scores);
        Assert.Null(scores.Tokens);
        var request = _upstream.Requests.Single();
        Assert.EndsWith("/rerank", request.Path, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], request.Body.GetProperty("documents").EnumerateArray().Select(text => text.GetString()));
    }

    [Theory]
    [InlineData(""" "usage":{"total_tokens":26} """, 26L)]
    [InlineData(""" "usage":{"prompt_tokens":25} """, 25L)]
    [InlineData(""" "meta":{"tokens":{"input_tokens":24}} """, 24L)]
    [InlineData(""" "meta":{"billed_units":{"search_units":1}} """, null)]
    [InlineData(""" "usage":{"total_tokens":"many"} """, null)]
    [InlineData(""" "usage":7,"meta":[] """, null)]
    public async Task Reranker_TellsTheTokensThatTheAnswerReports(string part, long? tokens)
    {
        _upstream.Enqueue(Reply.Raw(200, "application/json", $$"""{"results":[{"index":0,"relevance_score":0.1}],{{part}}}"""));
        Assert.Equal(tokens, (await _registry.Reranker(new UpstreamTarget("voyage", "rerank-2")).ScoreAsync("q", ["a"], null, default)).Tokens);
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"relevance_score":0.1}]}""")]
    [InlineData("""{"data":[{"index":0,"relevance_score":0.1},{"index":0,"relevance_score":0.1}]}""")]
    [InlineData("""{"data":[{"index":0,"relevance_score":0.1},{"index":7,"relevance_score":0.1}]}""")]
    [InlineData("""{"answer":[]}""")]
    [InlineData("""{"data":5}""")]
    [InlineData("nonsense")]
    public async Task Reranker_OfABrokenAnswer_IsAFaultOfTheModel(string answer)
    {
        _upstream.Enqueue(Reply.Raw(200, "application/json", answer));
        var failure = await Assert.ThrowsAsync<UpstreamException>(
            () => _registry.Reranker(new UpstreamTarget("voyage", "rerank-2")).ScoreAsync("q", ["a", "b"], null, default));
        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
    }

    [Fact]
    public void Chat_IsNotThere() => Assert.Throws<RequestException>(() => _registry.Chat(new UpstreamTarget("voyage", "voyage-3")));
}
