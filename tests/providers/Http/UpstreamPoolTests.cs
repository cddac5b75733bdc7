using Microsoft.Extensions.AI;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Http;

public sealed class UpstreamPoolTests
{
    private const int Streams = 600;

    [Fact]
    public async Task Call_WhileHundredsOfStreamsAreOpen_IsSentAtOnce()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(TestConnection.Patience());
        for (var i = 0; i < Streams; i++)
            upstream.Enqueue(Reply.Text("one two").StallAfter(1));
        var streams = Enumerable.Range(0, Streams).Select(_ => TestConnection.Ask(connection, leave.Token).GetAsyncEnumerator()).ToList();
        await Task.WhenAll(streams.Select(stream => stream.MoveNextAsync().AsTask()));
        upstream.Enqueue(Reply.Text("now"));

        var answer = await TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: leave.Token);

        Assert.Equal("now", answer.Text);
        await leave.CancelAsync();
        foreach (var stream in streams)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.MoveNextAsync());
            await stream.DisposeAsync();
        }
    }
}
