using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.Resilience;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Resilience;

public sealed class UpstreamRetryTests
{
    private static readonly UpstreamRetryOptions Retries = new() { MaxRetries = 2, BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(4) };

    /// <summary>The call's total and the wait: the clock's timers while nothing else is going on.</summary>
    private const int TimersInAWait = 2;

    private readonly FakeClock _clock = new();

    [Theory]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Retry_AfterAFailureThatMayPass_Succeeds(int status)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Status(status), Reply.Status(status), Reply.Text("at last"));

        var answer = await WaitOutAsync(AskAsync(connection));

        Assert.Equal("at last", answer.Text);
        Assert.Equal(3, upstream.Requests.Count);
        Assert.Equal(upstream.Requests[0].Text, upstream.Requests[2].Text);
    }

    [Theory]
    [InlineData(400, UpstreamFailure.InvalidRequest)]
    [InlineData(401, UpstreamFailure.Unauthorized)]
    [InlineData(403, UpstreamFailure.Unauthorized)]
    [InlineData(404, UpstreamFailure.NotFound)]
    [InlineData(413, UpstreamFailure.InvalidRequest)]
    [InlineData(422, UpstreamFailure.InvalidRequest)]
    [InlineData(402, UpstreamFailure.RateLimited)]
    [InlineData(302, UpstreamFailure.Protocol)]
    public async Task NoRetry_WhenTheSameRequestCannotPass(int status, UpstreamFailure expected)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Status(status, "The upstream's words."));

        var failure = await FailAsync(connection);

        Assert.Equal(expected, failure.Failure);
        Assert.Equal(status, failure.StatusCode);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Retries_UsedUp_GiveTheLastFailure()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Status(500), Reply.Status(502), Reply.Status(503, "Still down."));

        var failure = await WaitOutAsync(FailAsync(connection));

        Assert.Equal((UpstreamFailure.ServerError, 503), (failure.Failure, failure.StatusCode));
        Assert.Contains("Still down.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, upstream.Requests.Count);
    }

    [Theory]
    [InlineData("Retry-After", "3")]
    [InlineData("retry-after-ms", "3000")]
    [InlineData("Retry-After", "Tue, 01 Jan 2030 00:00:03 GMT")]
    public async Task RetryAfter_WithinTheBound_IsWaitedForExactly(string header, string value)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.RateLimited().WithHeader(header, value), Reply.Text("now"));
        var answer = AskAsync(connection);
        await TestConnection.UntilAsync(() => upstream.Requests.Count == 1 && _clock.ActiveTimers == TimersInAWait);

        _clock.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimersInAWait, _clock.ActiveTimers);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("now", (await answer).Text);
    }

    [Fact]
    public async Task RetryAfter_BeyondTheBound_IsHandedToTheCallerAtOnce()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.RateLimited(retryAfterSeconds: 60));

        var failure = await FailAsync(connection);

        Assert.Equal(UpstreamFailure.RateLimited, failure.Failure);
        Assert.Equal(TimeSpan.FromSeconds(60), failure.RetryAfter);
        Assert.True(failure.MayTryNext);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task QuotaUsedUp_IsNotRetriedThoughItIsA429()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Status(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"));

        var failure = await FailAsync(connection);

        Assert.Equal(UpstreamFailure.RateLimited, failure.Failure);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task NoRetry_AfterTheFirstToken()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Text("one two").CutAfter(1), Reply.Text("never"));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync());

        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Retry_AfterADroppedConnection_Succeeds()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        upstream.Enqueue(Reply.Drop(), Reply.Text("again"));

        var answer = await WaitOutAsync(AskAsync(connection));

        Assert.Equal("again", answer.Text);
    }

    [Fact]
    public async Task ConnectionRefused_IsAConnectionFailureAfterTheRetries()
    {
        // A port that is taken by one who does not listen: nobody else can, for as long as the test runs.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var connection = TestConnection.To(new Uri($"http://{taken.LocalEndPoint}/v1"), _clock, Retries);

        var failure = await WaitOutAsync(FailAsync(connection));

        Assert.Equal(UpstreamFailure.Connection, failure.Failure);
        Assert.Equal(ProblemCode.UpstreamUnavailable.Name, failure.Problem.Code);
        Assert.IsType<HttpRequestException>(failure.InnerException);
    }

    [Fact]
    public async Task Cancel_DuringAWait_EndsItAtOnce()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = Connect(upstream);
        using var cancel = new CancellationTokenSource();
        upstream.Enqueue(Reply.Status(500));
        var answer = TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: cancel.Token);
        await TestConnection.UntilAsync(() => upstream.Requests.Count == 1 && _clock.ActiveTimers == TimersInAWait);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Single(upstream.Requests);
        Assert.Equal(0, _clock.ActiveTimers);
    }

    [Fact]
    public async Task TotalTimeout_CoversTheWaits()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(
            upstream, _clock, Retries with { MaxRetryAfter = TimeSpan.FromMinutes(2) }, new UpstreamTimeouts { Total = TimeSpan.FromSeconds(30) });
        upstream.Enqueue(Reply.RateLimited(retryAfterSeconds: 60));
        var failing = FailAsync(connection);
        await TestConnection.UntilAsync(() => upstream.Requests.Count == 1 && _clock.ActiveTimers == TimersInAWait);

        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(UpstreamFailure.Timeout, (await failing).Failure);
    }

    private static Task<UpstreamException> FailAsync(UpstreamConnection connection)
        => Assert.ThrowsAsync<UpstreamException>(() => AskAsync(connection));

    /// <summary>An unstreamed call, which has no clock for tokens: during an attempt one timer runs, during a wait two.</summary>
    private static Task<ChatResponse> AskAsync(UpstreamConnection connection)
        => TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

    private UpstreamConnection Connect(ScriptedUpstream upstream) => TestConnection.To(upstream, _clock, Retries);

    /// <summary>Lets the longest wait pass whenever the call waits, until it has ended.</summary>
    private async Task<T> WaitOutAsync<T>(Task<T> call)
    {
        await TestConnection.UntilAsync(() =>
        {
            if (_clock.ActiveTimers == TimersInAWait)
                _clock.Advance(Retries.MaxDelay);
            return call.IsCompleted;
        });
        return await call;
    }
}
