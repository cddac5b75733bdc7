using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Azure;

/// <summary>Azure OpenAI: OpenAI's wire at Azure's addresses.</summary>
public sealed class AzureOpenAITests : IAsyncLifetime
{
    private static readonly UpstreamTarget Target = new("azure", "my deployment");

    private ScriptedUpstream _upstream = null!;

    private string Resource => _upstream.BaseUrl[..^"/v1".Length];

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Theory]
    [InlineData("", null, "/openai/deployments/my deployment/chat/completions", "?api-version=2024-10-21")]
    [InlineData("/openai/", "2025-04-01-preview", "/openai/deployments/my deployment/chat/completions", "?api-version=2025-04-01-preview")]
    [InlineData("/openai/v1", null, "/openai/v1/chat/completions", "")]
    [InlineData("/openai/v1/", "preview", "/openai/v1/chat/completions", "?api-version=preview")]
    public async Task Chat_GoesToTheAddressThatBaseUrlAndVersionSay(string path, string? version, string expected, string query)
    {
        using var registry = Registry(Resource + path, version);

        var response = await registry.Chat(Target).GetStreamingResponseAsync("Hello there", cancellationToken: TestConnection.Patience()).ToChatResponseAsync();

        Assert.Equal("Hello there", response.Text);
        var request = Assert.Single(_upstream.Requests);
        Assert.Equal((expected, query, "my deployment"), (request.Path, request.Query, request.Model));
    }

    [Fact]
    public async Task Key_IsInAzuresHeaderAndNoOther()
    {
        using var registry = Registry(Resource);

        await registry.Chat(Target).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

        var headers = Assert.Single(_upstream.Requests).Headers;
        Assert.Equal("azure-key", headers["api-key"]);
        Assert.False(headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Embeddings_GoToTheDeployment()
    {
        using var registry = Registry(Resource);

        var embeddings = await registry.Embeddings(new UpstreamTarget("azure", "e3")).GenerateAsync(["a"]);

        Assert.Equal(EmbeddingReply.Vector("a"), Assert.Single(embeddings).Vector.ToArray());
        Assert.Equal("/openai/deployments/e3/embeddings", Assert.Single(_upstream.Requests).Path);
    }

    [Fact]
    public async Task PassThrough_FindsTheDeploymentBehindOtherFields()
    {
        using var registry = Registry(Resource);

        await using var answer = await registry.Find("azure")!.SendAsync(
            "/embeddings", """{"nested":{"model":"no"},"input":["a"],"model":"e3"}"""u8.ToArray(), stream: false, cancellationToken: TestConnection.Patience());

        Assert.Equal(200, answer.Status);
        Assert.Equal("/openai/deployments/e3/embeddings", Assert.Single(_upstream.Requests).Path);
    }

    [Fact]
    public async Task Refusal_IsTranslatedAsOpenAIs()
    {
        _upstream.Enqueue(Reply.Status(404, "The API deployment for this resource does not exist.", code: "DeploymentNotFound"));
        using var registry = Registry(Resource);

        var failure = await Assert.ThrowsAsync<UpstreamException>(
            () => registry.Chat(Target).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

        Assert.Equal((UpstreamFailure.NotFound, 404), (failure.Failure, failure.StatusCode));
        Assert.Contains("does not exist", failure.Message, StringComparison.Ordinal);
    }

    private static UpstreamRegistry Registry(string address, string? version = null) => new(
        [new UpstreamOptions { Id = "azure", Kind = UpstreamKind.AzureOpenAI, BaseUrl = address, ApiKey = "azure-key", ApiVersion = version, MaxRetries = 0 }],
        TimeProvider.System,
        NullLoggerFactory.Instance);
}
