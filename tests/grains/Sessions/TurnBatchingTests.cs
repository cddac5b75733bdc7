using System.Threading.Channels;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.Grains.Sessions;
using OrleansChat.Testing;

namespace OrleansChat.Grains.Tests.Sessions;

public sealed class TurnBatchingTests
{
    private readonly FakeClock _clock = new();
    private readonly Channel<TurnEvent> _events = Channel.CreateUnbounded<TurnEvent>();
    private readonly TurnBatching _batching;

    public TurnBatchingTests() => _batching = new TurnBatching(_clock);

    [Fact]
    public async Task FirstEvent_IsHandedOnAtOnce()
    {
        await using var reader = Read();
        var first = reader.MoveNextAsync();
        Say(1);

        Assert.True(await first);
        Assert.Equal([1L], Numbers(reader));
        Assert.Equal(0, _clock.ActiveTimers);
    }

    [Fact]
    public async Task EventsThatAreThereAlready_ShareTheFirstBatch()
    {
        Say(1, 2, 3);
        await using var reader = Read();

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal([1L, 2, 3], Numbers(reader));
    }

    [Fact]
    public async Task EventsWithinTheWindowAfterABatch_ShareTheNext()
    {
        await using var reader = Read();
        Say(1);
        Assert.True(await reader.MoveNextAsync());

        var second = reader.MoveNextAsync();
        Say(2);
        await TestWait.UntilAsync(() => _clock.ActiveTimers == 1);
        _clock.Advance(TurnBatching.ShortestWindow - TimeSpan.FromTicks(1));
        Say(3);
        Assert.False(second.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.True(await second);
        Assert.Equal([2L, 3], Numbers(reader));
    }

    [Fact]
    public async Task AnEventAfterASilence_IsHandedOnAtOnce()
    {
        await using var reader = Read();
        Say(1);
        Assert.True(await reader.MoveNextAsync());
        _clock.Advance(TurnBatching.ShortestWindow);

        var second = reader.MoveNextAsync();
        Say(2);

        Assert.True(await second);
        Assert.Equal([2L], Numbers(reader));
    }

    [Fact]
    public async Task AFullBatch_LeavesTheRestToTheNext()
    {
        Say([.. Enumerable.Range(1, TurnBatching.MaxBatch + 5).Select(number => (long)number)]);
        _events.Writer.Complete();
        await using var reader = Read();

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(TurnBatching.MaxBatch, reader.Current.Events.Count);
        _clock.Advance(TurnBatching.LongestWindow);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(5, reader.Current.Events.Count);
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task TheWindow_GrowsWithTheReadersToItsEndAndShrinksAgain()
    {
        var readers = Enumerable.Range(0, 2_000 * Environment.ProcessorCount).Select(_ => Read()).ToList();
        var moves = readers.Select(reader => reader.MoveNextAsync().AsTask()).ToList();
        Assert.Equal(TurnBatching.LongestWindow, _batching.Window);

        _events.Writer.Complete();
        await Task.WhenAll(moves);
        Assert.Equal(TurnBatching.ShortestWindow, _batching.Window);
    }

    [Fact]
    public async Task AReaderThatLeaves_EndsTheReadingOfTheLog()
    {
        var source = new EndlessSource();
        var reader = _batching.GatherAsync(source.ReadAsync(), default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());

        await reader.DisposeAsync();

        Assert.True(source.HasEnded);
    }

    [Fact]
    public async Task AFaultOfTheLog_IsPassedOn()
    {
        _events.Writer.Complete(new InvalidOperationException("broken"));
        await using var reader = Read();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.MoveNextAsync());
    }

    private static IEnumerable<long> Numbers(IAsyncEnumerator<TurnEventBatch> reader) => reader.Current.Events.Select(shown => shown.Sequence);

    private IAsyncEnumerator<TurnEventBatch> Read() => _batching.GatherAsync(_events.Reader.ReadAllAsync(), default).GetAsyncEnumerator();

    private void Say(params IReadOnlyList<long> numbers)
    {
        foreach (var number in numbers)
            Assert.True(_events.Writer.TryWrite(new TurnDelta("word") { Sequence = number }));
    }

    private sealed class EndlessSource
    {
        public bool HasEnded { get; private set; }

        public async IAsyncEnumerable<TurnEvent> ReadAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return new TurnDelta("word") { Sequence = 1 };
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                HasEnded = true;
            }
        }
    }
}
