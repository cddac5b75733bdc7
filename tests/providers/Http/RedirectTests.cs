using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Alerts;
using OrleansChat.Providers.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

/// <summary>An upstream that sends its callers to another server, which listens: it must never hear of them, of their keys or of what they said.</summary>
public sealed class RedirectTests : IAsyncLifetime
{
    private static readonly BudgetAlert Alert = new(
        "budget_1", "team:red", 80, 800_000_000, 1_000_000_000, BudgetWindow.Month, null, null, new DateTimeOffset(2030, 1, 9, 8, 7, 6, TimeSpan.Zero));

    private static readonly UpstreamTarget Target = new(TestConnection.UpstreamId, "scripted-model");

    private ScriptedUpstream _upstream = null!;
    private ScriptedUpstream _elsewhere = null!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _elsewhere = await ScriptedUpstream.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    [Theory]
    [InlineData(UpstreamKind.OpenAI, 302)]
    [InlineData(UpstreamKind.OpenAI, 307)]
    [InlineData(UpstreamKind.Anthropic, 302)]
    [InlineData(UpstreamKind.Anthropic, 307)]
    public async Task Chat_IsNotLedElsewhere(UpstreamKind kind, int status)
        => await RefuseAsync(kind, status, registry => registry.Chat(Target).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

    [Theory]
    [InlineData(UpstreamKind.OpenAI, 302)]
    [InlineData(UpstreamKind.OpenAI, 307)]
    [InlineData(UpstreamKind.Anthropic, 302)]
    [InlineData(UpstreamKind.Anthropic, 307)]
    public async Task StreamedChat_IsNotLedElsewhere(UpstreamKind kind, int status)
        => await RefuseAsync(kind, status, registry => registry.Chat(Target).GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()).ToChatResponseAsync());

    [Theory]
    [InlineData(UpstreamKind.OpenAI, 302)]
    [InlineData(UpstreamKind.OpenAI, 307)]
    [InlineData(UpstreamKind.Voyage, 302)]
    [InlineData(UpstreamKind.Voyage, 307)]
    public async Task Embeddings_AreNotLedElsewhere(UpstreamKind kind, int status)
        => await RefuseAsync(kind, status, registry => registry.Embeddings(Target).GenerateAsync(["a"], cancellationToken: TestConnection.Patience()));

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Reranking_IsNotLedElsewhere(int status)
        => await RefuseAsync(UpstreamKind.Voyage, status, registry => registry.Reranker(Target).ScoreAsync("q", ["a", "b"], null, TestConnection.Patience()));

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Webhook_IsNotLedElsewhere(int status)
    {
        using var channel = new WebhookChannel(new BudgetAlertOptions { Webhook = _upstream.BaseUrl + "/hook", Secret = "secret" }, TimeProvider.System);

        var failed = await StayAsync(status, () => channel.SendAsync(Alert, TestConnection.Patience()).AsTask());

        Assert.Equal($"The webhook answered {status}.", Assert.IsType<HttpRequestException>(failed).Message);
    }

    private async Task RefuseAsync(UpstreamKind kind, int status, Func<UpstreamRegistry, Task> call)
    {
        using var registry = new UpstreamRegistry(
            [new UpstreamOptions { Id = TestConnection.UpstreamId, Kind = kind, BaseUrl = _upstream.BaseUrl, ApiKey = "sk-upstream", MaxRetries = 0 }],
            TimeProvider.System, NullLoggerFactory.Instance);

        var failed = await StayAsync(status, () => call(registry));

        var failure = Assert.IsType<UpstreamException>(failed);
        Assert.Equal((UpstreamFailure.Protocol, status), (failure.Failure, failure.StatusCode));
        Assert.Equal(ProblemCode.UpstreamError.Name, failure.Problem.Code);
        Assert.Contains($"it answered {status}, a redirect, which is not followed; check its BaseUrl.", failure.Problem.Detail, StringComparison.Ordinal);
    }

    // Asked once and sent elsewhere, the caller stays where it is; how it fails is its own affair.
    private async Task<Exception?> StayAsync(int status, Func<Task> call)
    {
        _upstream.Enqueue(Reply.Raw(status, "text/plain", "").WithHeader("Location", _elsewhere.BaseUrl + "/elsewhere"));
        var failed = await Record.ExceptionAsync(call);

        Assert.Empty(_elsewhere.Requests);
        Assert.Single(_upstream.Requests);
        return failed;
    }
}
