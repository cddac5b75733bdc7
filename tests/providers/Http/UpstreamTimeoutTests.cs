using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

public sealed class UpstreamTimeoutTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static readonly UpstreamTimeouts Timeouts = new()
    {
        FirstToken = TimeSpan.FromSeconds(30),
        BetweenTokens = TimeSpan.FromSeconds(15),
        Total = TimeSpan.FromSeconds(60),
    };

    private readonly FakeClock _clock = new();

    [Fact]
    public async Task FirstToken_WhenNoHeadersCome_PassesAtItsTime()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);
        upstream.Enqueue(Reply.Stall());
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();
        var first = updates.MoveNextAsync().AsTask();
        var request = await upstream.NextRequestAsync(TestConnection.Patience());

        _clock.Advance(Timeouts.FirstToken - Moment);
        Assert.False(request.Disconnected.IsCompleted);
        _clock.Advance(Moment);

        AssertTimeout("first-token timeout", "30 s", await Assert.ThrowsAsync<UpstreamException>(() => first));
        await request.Disconnected.WaitAsync(TestConnection.Patience());
    }

    [Fact]
    public async Task FirstToken_HeadersAndRoleAlone_AreNoToken()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts with { Total = TimeSpan.FromHours(1) });
        upstream.Enqueue(Reply.Text("one").WithComments().StallAfter(0));
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();
        var first = updates.MoveNextAsync().AsTask();
        await upstream.NextRequestAsync(TestConnection.Patience());

        // Time passes while the call waits; between two reads the token's clock stands, and only the total's runs.
        var began = _clock.GetUtcNow();
        await TestConnection.UntilAsync(() =>
        {
            if (_clock.ActiveTimers == 2)
                _clock.Advance(Moment);

            return first.IsCompleted;
        });

        Assert.InRange(_clock.GetUtcNow() - began, Timeouts.FirstToken, Timeouts.FirstToken + (10 * Moment));
        AssertTimeout("first-token timeout", "30 s", await Assert.ThrowsAsync<UpstreamException>(() => first));
    }

    [Fact]
    public async Task BetweenTokens_WhenTheUpstreamFallsSilent_PassesAtItsTime()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);
        upstream.Enqueue(Reply.Text("one two three").StallAfter(2));
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        Assert.True(await updates.MoveNextAsync());
        var request = await upstream.NextRequestAsync(TestConnection.Patience());

        var third = updates.MoveNextAsync().AsTask();
        _clock.Advance(Timeouts.BetweenTokens - Moment);
        Assert.False(request.Disconnected.IsCompleted);
        _clock.Advance(Moment);

        AssertTimeout("between-tokens timeout", "15 s", await Assert.ThrowsAsync<UpstreamException>(() => third));
        await request.Disconnected.WaitAsync(TestConnection.Patience());
    }

    [Fact]
    public async Task BetweenTokens_TimeOfASlowReader_DoesNotCount()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Text("one two").GatedBy(gate));
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();
        gate.Release();
        Assert.True(await updates.MoveNextAsync());

        _clock.Advance(Timeouts.BetweenTokens * 3);
        var second = updates.MoveNextAsync().AsTask();
        gate.Open();

        Assert.True(await second);
        Assert.Equal(" two", updates.Current.Text);
    }

    [Fact]
    public async Task Total_EndsAStreamThatNeverPauses()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Pieces([.. Enumerable.Repeat("x", 100)]).GatedBy(gate));
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();

        for (var seconds = 0; seconds < 60; seconds += 10)
        {
            gate.Release();
            Assert.True(await updates.MoveNextAsync());
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => updates.MoveNextAsync().AsTask());
        AssertTimeout("total timeout", "60 s", failure);
    }

    [Fact]
    public async Task Total_LimitsAnUnstreamedAnswer_WhichHasNoFirstToken()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);
        upstream.Enqueue(Reply.Stall());
        var answer = TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());
        var request = await upstream.NextRequestAsync(TestConnection.Patience());

        _clock.Advance(Timeouts.Total - Moment);
        Assert.False(request.Disconnected.IsCompleted);
        _clock.Advance(Moment);

        AssertTimeout("total timeout", "60 s", await Assert.ThrowsAsync<UpstreamException>(() => answer));
    }

    [Fact]
    public async Task Connect_WhenTheHandshakeNeverEnds_IsNamed()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var port = ((IPEndPoint)silent.LocalEndPoint!).Port;
        using var connection = TestConnection.To(
            new Uri($"https://127.0.0.1:{port}/v1"), timeouts: Timeouts with { Connect = TimeSpan.FromMilliseconds(50) });

        var failure = await Assert.ThrowsAsync<UpstreamException>(
            () => TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

        AssertTimeout("connect timeout", "0.05 s", failure);
    }

    [Fact]
    public async Task Timers_AreGoneWhenTheCallHasEnded()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, _clock, timeouts: Timeouts);

        await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();
        await TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

        Assert.Equal(0, _clock.ActiveTimers);
    }

    private static void AssertTimeout(string which, string time, UpstreamException failure)
    {
        Assert.Equal(UpstreamFailure.Timeout, failure.Failure);
        Assert.Equal(ProblemCode.UpstreamTimeout.Name, failure.Problem.Code);
        Assert.Contains(which, failure.Message, StringComparison.Ordinal);
        Assert.Contains(time, failure.Message, StringComparison.Ordinal);
    }
}
