using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Resilience;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.OpenAI;

public sealed class OpenAIEmbeddingGeneratorTests
{
    private static readonly string[] Texts = ["alpha", "beta gamma", "delta", "epsilon", "zeta"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Generate_GivesTheVectorsInOrder(bool base64)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Embeddings().Reversed());

        var embeddings = await Generator(connection, new() { UsesBase64 = base64 }).GenerateAsync(Texts, cancellationToken: TestConnection.Patience());

        Assert.Equal(Texts.Select(text => EmbeddingReply.Vector(text)), embeddings.Select(embedding => embedding.Vector.ToArray()));
        Assert.Equal(6, embeddings.Usage?.InputTokenCount);
        Assert.Equal(base64 ? "base64" : "float", upstream.Requests.Single().Body.GetProperty("encoding_format").GetString());
    }

    [Fact]
    public async Task Generate_InBatches_KeepsOrderAndAddsUpUsage()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);

        var embeddings = await Generator(connection, new() { MaxBatchCount = 2 }).GenerateAsync(Texts, cancellationToken: TestConnection.Patience());

        Assert.Equal([2, 2, 1], upstream.Requests.Select(request => request.Body.GetProperty("input").GetArrayLength()));
        Assert.Equal(Texts.Select(text => EmbeddingReply.Vector(text)), embeddings.Select(embedding => embedding.Vector.ToArray()));
        Assert.Equal(upstream.Bill.InputTokens, embeddings.Usage?.InputTokenCount);
    }

    [Fact]
    public async Task Generate_WhenABatchFailsForAMoment_RepeatsThatBatchAlone()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, retries: new UpstreamRetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.FromMilliseconds(1) });
        upstream.Enqueue(Reply.Embeddings(), Reply.Status(503), Reply.Embeddings(), Reply.Embeddings());

        var embeddings = await Generator(connection, new() { MaxBatchCount = 2 }).GenerateAsync(Texts, cancellationToken: TestConnection.Patience());

        Assert.Equal(["alpha", "delta", "delta", "zeta"], upstream.Requests.Select(request => request.Body.GetProperty("input")[0].GetString()));
        Assert.Equal(Texts.Select(text => EmbeddingReply.Vector(text)), embeddings.Select(embedding => embedding.Vector.ToArray()));
    }

    [Fact]
    public async Task Generate_OverTheTokenLimit_StartsAnotherBatch()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        string[] texts = [new('a', 400), "b", "c", new('d', 40)];

        await Generator(connection, new() { MaxBatchTokens = 10 }).GenerateAsync(texts, cancellationToken: TestConnection.Patience());

        Assert.Equal([1, 2, 1], upstream.Requests.Select(request => request.Body.GetProperty("input").GetArrayLength()));
    }

    [Fact]
    public async Task Generate_OfNothing_CallsNobody()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);

        Assert.Empty(await Generator(connection).GenerateAsync([]));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Generate_WithDimensions_AsksForAndChecksThem()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        var options = new EmbeddingGenerationOptions { Dimensions = 4, AdditionalProperties = new() { ["user"] = "u1" } };

        var embeddings = await Generator(connection).GenerateAsync(["a"], options, TestConnection.Patience());

        Assert.Equal(4, Assert.Single(embeddings).Vector.Length);
        Assert.Equal("u1", upstream.Requests.Single().Body.GetProperty("user").GetString());
        upstream.Enqueue(Reply.Embeddings().IgnoringDimensions());
        Assert.Contains("8 dimensions instead of 4", (await FailAsync(connection, ["a"], options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_WrongCount_IsAProtocolError()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Embeddings().Without(1));

        Assert.Contains("1 vectors for 2 texts", (await FailAsync(connection, ["a", "b"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_DimensionThatChangesBetweenBatches_IsAProtocolError()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Embeddings(8), Reply.Embeddings(6));

        await Assert.ThrowsAsync<UpstreamException>(() => Generator(connection, new() { MaxBatchCount = 1 }).GenerateAsync(["a", "b"]));
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":5,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]},{"index":1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":"!!"},{"index":1,"embedding":"!!"}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":"AAA="},{"index":1,"embedding":"AAA="}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1e99]},{"index":1,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0},{"index":1}]}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("""{"object":"list"}""")]
    [InlineData("oops")]
    public async Task Generate_AnswerThatIsNoEmbeddings_IsAProtocolError(string body)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Raw(200, "application/json", body));

        Assert.Equal(UpstreamFailure.Protocol, (await FailAsync(connection, ["a", "b"])).Failure);
    }

    private static OpenAIEmbeddingGenerator Generator(UpstreamConnection connection, OpenAIEmbeddingOptions? options = null)
        => new(connection, "embedder", TimeProvider.System, options);

    private static Task<UpstreamException> FailAsync(UpstreamConnection connection, string[] texts, EmbeddingGenerationOptions? options = null)
        => Assert.ThrowsAsync<UpstreamException>(() => Generator(connection).GenerateAsync(texts, options, TestConnection.Patience()));
}
