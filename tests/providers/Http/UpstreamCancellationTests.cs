using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.Resilience;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

public sealed class UpstreamCancellationTests
{
    [Fact]
    public async Task Cancel_WhileWaitingForAToken_ClosesTheUpstreamsConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        using var cancel = new CancellationTokenSource();
        upstream.Enqueue(Reply.Text("one two").StallAfter(1));
        await using var updates = TestConnection.Ask(connection, cancel.Token).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        var request = await upstream.NextRequestAsync(TestConnection.Patience());

        var next = updates.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        await request.Disconnected.WaitAsync(TestConnection.Patience());
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Leave_BetweenTokens_ClosesTheUpstreamsConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("one two").StallAfter(1));

        await foreach (var update in TestConnection.Ask(connection, CancellationToken.None))
        {
            Assert.Equal("one", update.Text);
            break;
        }

        var request = await upstream.NextRequestAsync(TestConnection.Patience());
        await request.Disconnected.WaitAsync(TestConnection.Patience());
    }

    [Fact]
    public async Task Cancel_BeforeTheHeaders_IsNotRetried()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, retries: new UpstreamRetryOptions());
        using var cancel = new CancellationTokenSource();
        upstream.Enqueue(Reply.Stall());
        var answer = TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: cancel.Token);
        var request = await upstream.NextRequestAsync(TestConnection.Patience());

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await request.Disconnected.WaitAsync(TestConnection.Patience());
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Cancel_WithoutAConnection_TakesThePromptBack()
    {
        using var silent = new SilentDoor();
        using var connection = TestConnection.To(new Uri(silent.BaseUrl));
        using var cancel = new CancellationTokenSource();
        var prompt = new PromptDelivery();
        var call = connection.SendAsync(Request(prompt), cancel.Token).AsTask();
        using var connected = await silent.NextAsync().WaitAsync(TestConnection.Patience());

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(prompt.TryWithdraw());
    }

    [Fact]
    public async Task Cancel_WhileTheUpstreamHasTheRequest_CannotTakeThePromptBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        using var cancel = new CancellationTokenSource();
        upstream.Enqueue(Reply.Stall());
        var prompt = new PromptDelivery();
        var call = connection.SendAsync(Request(prompt), cancel.Token).AsTask();
        await upstream.NextRequestAsync(TestConnection.Patience());

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(prompt.TryWithdraw());
    }

    [Fact]
    public async Task Cancel_BetweenTwoAttempts_TakesThePromptBack()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, clock, new UpstreamRetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.FromSeconds(1) });
        using var cancel = new CancellationTokenSource();
        upstream.Enqueue(Reply.Status(503));
        var prompt = new PromptDelivery();
        var call = connection.SendAsync(Request(prompt), cancel.Token).AsTask();

        // The call's total and the wait for the second attempt.
        await TestConnection.UntilAsync(() => clock.ActiveTimers == 2);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(prompt.TryWithdraw());
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Send_OfAPromptThatWasTakenBack_SendsNothing()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        var prompt = new PromptDelivery();
        prompt.Hold();
        Assert.True(prompt.TryWithdraw());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.SendAsync(Request(prompt), TestConnection.Patience()).AsTask());

        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Cancel_BeforeTheCall_SendsNothing()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: new CancellationToken(canceled: true)));

        Assert.Empty(upstream.Requests);
    }

    private static UpstreamRequest Request(PromptDelivery prompt) => new("/chat/completions", "{}"u8.ToArray(), IsStream: false) { Prompt = prompt };
}
