using Microsoft.Extensions.AI;
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
    public async Task Cancel_BeforeTheCall_SendsNothing()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: new CancellationToken(canceled: true)));

        Assert.Empty(upstream.Requests);
    }
}
