using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions.TurnLogs;

public sealed class TurnLogTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TurnLog _log = new();

    [Fact]
    public async Task Readers_OnAllThreads_GetEveryEventOnceAndInOrder()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 50; round++)
        {
            var log = new TurnLog();
            var count = random.Next(1, 400);
            var readers = Enumerable.Range(0, 6).Select(_ => random.Next(0, count)).Select(after => (after, Read: Task.Run(() => ReadAsync(log, after)))).ToList();
            for (var piece = 1; piece < count; piece++)
            {
                log.Append(new TurnDelta($"{piece}"));
                if (random.Next(8) == 0)
                    await Task.Yield();
            }

            log.Append(new TurnInterrupted());
            foreach (var (after, read) in readers)
                Assert.Equal(Enumerable.Range(after + 1, count - after).Select(number => (long)number), (await read.WaitAsync(Patience)).Select(shown => shown.Sequence));
        }
    }

    [Fact]
    public async Task Events_OfAnyKind_ComeBackAsTheyWereWhereverAReaderBegins()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 20; round++)
        {
            var log = new TurnLog();
            var expected = new List<TurnEvent>();
            for (var count = random.Next(100); count > 0; count--)
            {
                TurnEvent added = random.Next(5) == 0 ? new TurnRestarted(count) : new TurnDelta($"{count} ");
                expected.Add(added with { Sequence = expected.Count + 1 });
                log.Append(added);
                var after = random.Next(expected.Count);
                await using var reader = log.Read(after).GetAsyncEnumerator(CancellationToken.None);
                Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(Patience));
                Assert.Equal(expected[after], reader.Current);
            }

            Assert.Equal(expected, log.ReadAll());
            var answer = expected.Skip(expected.FindLastIndex(shown => shown is TurnRestarted) + 1).Cast<TurnDelta>().Select(delta => delta.Text);
            Assert.Equal(string.Concat(answer), log.ReadAnswer());
            log.Append(new TurnInterrupted());
            Assert.Equal([.. expected, new TurnInterrupted { Sequence = expected.Count + 1 }], await ReadAsync(log, 0).WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task Reader_ThatIsCancelledWhileItWaits_StopsAndTheOthersReadOn()
    {
        using var stop = new CancellationTokenSource();
        await using var cancelled = _log.Read(0).GetAsyncEnumerator(stop.Token);
        await using var between = _log.Read(0).GetAsyncEnumerator(CancellationToken.None);
        var waits = new[] { between.MoveNextAsync().AsTask(), cancelled.MoveNextAsync().AsTask() };

        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waits[1].WaitAsync(Patience));
        _log.Append(new TurnDelta("one"));

        Assert.True(await waits[0].WaitAsync(Patience));
        Assert.Equal(1, between.Current.Sequence);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => _ = await cancelled.MoveNextAsync() && await cancelled.MoveNextAsync());
    }

    [Fact]
    public async Task Reader_OfWhatIsFarAhead_WaitsForIt()
    {
        var reading = ReadAsync(_log, 2);
        _log.Append(new TurnDelta("one"));
        _log.Append(new TurnDelta("two"));
        await Task.Yield();
        Assert.False(reading.IsCompleted);

        _log.Append(new TurnInterrupted());

        Assert.Equal(3, Assert.Single(await reading.WaitAsync(Patience)).Sequence);
    }

    [Fact]
    public async Task Abandon_WhileReadersWait_EndsThemWithoutALastEvent()
    {
        _log.Append(new TurnDelta("one"));
        var reading = ReadAsync(_log, 0);

        _log.Abandon();

        Assert.Equal(1, Assert.Single(await reading.WaitAsync(Patience)).Sequence);
        Assert.Empty(await ReadAsync(_log, 7));
    }

    [Fact]
    public async Task Append_AfterAbandon_IsShownToNobodyAndCountsAsAnswer()
    {
        _log.Append(new TurnDelta("one "));
        _log.Abandon();

        _log.Append(new TurnDelta("two"));

        Assert.Equal(["one "], (await ReadAsync(_log, 0)).Cast<TurnDelta>().Select(delta => delta.Text));
        Assert.Equal((1, "one two"), (_log.LastSequence, _log.ReadAnswer()));
    }

    [Fact]
    public async Task Reader_DoesNotRunInsideTheWriter()
    {
        var reading = ReadAsync(_log, 0);
        var thread = Environment.CurrentManagedThreadId;
        var ran = 0;
        _ = reading.ContinueWith(_ => ran = Environment.CurrentManagedThreadId == thread ? 1 : 2, TaskContinuationOptions.ExecuteSynchronously);

        _log.Append(new TurnInterrupted());

        Assert.NotEqual(1, Volatile.Read(ref ran));
        await reading.WaitAsync(Patience);
    }

    [Fact]
    public async Task Move_ThatIsLeft_EndsLaterAndIsNotWaitedFor()
    {
        using var stop = new CancellationTokenSource();
        var move = new StoppableMove(stop.Token);
        var first = new TaskCompletionSource<bool>();
        var step = move.WaitAsync(new ValueTask<bool>(first.Task));
        first.SetResult(true);
        Assert.True(await step);

        var deaf = new TaskCompletionSource<bool>();
        var left = move.WaitAsync(new ValueTask<bool>(deaf.Task)).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => left.WaitAsync(Patience));
        Assert.True(move.IsLeft);
        Assert.False(move.Ended.IsCompleted);
        deaf.SetException(new InvalidOperationException("Too late."));
        await move.Ended.WaitAsync(Patience);
        move.Close();
    }

    private static async Task<List<TurnEvent>> ReadAsync(TurnLog log, long after)
    {
        var events = new List<TurnEvent>();
        await foreach (var shown in log.Read(after))
            events.Add(shown);
        return events;
    }
}
