using System.Threading.Channels;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions.Feeds;
using OrleansChat.Grains.Sessions.Feeds;
using OrleansChat.Testing;

namespace OrleansChat.Grains.Tests.Sessions.Feeds;

public sealed class SiloFeedTests
{
    private readonly FakeClock _clock = new();
    private readonly ScriptedClient _client = new();
    private readonly SiloFeeds _feeds;

    public SiloFeedTests() => _feeds = new SiloFeeds("here", _clock);

    [Fact]
    public async Task AnEventThatComesAlone_IsSentAtOnce()
    {
        var turn = Open(7);
        Say(turn, 1);

        var call = await _client.NextAsync();

        Assert.Equal("here", call.Origin);
        Assert.Equal([(7L, "1", false)], Shown(call));
    }

    [Fact]
    public async Task EventsOfSeveralTurnsWithinTheWindow_ShareOneCall()
    {
        var (first, second) = (Open(1), Open(2));
        Say(first, 1);
        await _client.NextAsync();

        Say(second, 1);
        Say(first, 2, 3);
        await TestWait.UntilAsync(() => (first.Taken, second.Taken) == (3, 1) && _clock.HasTimerIn(SiloFeed.ShortestWindow));
        _clock.Advance(SiloFeed.ShortestWindow);

        Assert.Equal([(1L, "2 3", false), (2L, "1", false)], Shown(await _client.NextAsync()).Order());
    }

    [Fact]
    public async Task ATurnsEnd_IsSentAfterItsLastEvent()
    {
        var turn = Open(1);
        Say(turn, 1);
        turn.Complete();

        var shown = Shown(await _client.NextAsync());
        if (!shown[^1].IsEnd)
            shown.AddRange(Shown(await NextAfterAnyWindowAsync()));

        Assert.Equal("1", shown[0].Numbers);
        Assert.True(shown[^1].IsEnd);
    }

    [Fact]
    public async Task ALineThatNobodyReads_IsReadNoFurther()
    {
        _client.Gone = [1];
        var (left, kept) = (Open(1), Open(2));
        Say(left, 1);
        await _client.NextAsync();

        await TestWait.UntilAsync(() => left.HasEnded);
        Assert.False(kept.HasEnded);
    }

    [Fact]
    public async Task AClientThatDoesNotAnswer_IsSentNothingMore_AndMayOpenAnew()
    {
        _client.Fault = new TimeoutException();
        var turns = new[] { Open(1), Open(2) };
        Say(turns[0], 1);
        await TestWait.UntilAsync(() => turns.All(turn => turn.HasEnded));

        _client.Fault = null;
        Say(Open(3), 1);

        Assert.Equal([(3L, "1", false)], Shown(await NextAfterAnyWindowAsync()));
    }

    [Fact]
    public async Task AnOpenFeedWithoutEvents_GivesASignOfLife()
    {
        Open(1);
        await TestWait.UntilAsync(() => _clock.HasTimerIn(SiloFeed.SignOfLife));
        _clock.Advance(SiloFeed.SignOfLife);

        Assert.Empty((await _client.NextAsync()).Parts);
    }

    [Fact]
    public void Open_Repeated_OpensNoSecondLine()
    {
        Assert.NotNull(_feeds.Open(_client, 1));
        Assert.Null(_feeds.Open(_client, 1));
    }

    private static void Say(Turn turn, params int[] numbers)
    {
        foreach (var number in numbers)
            turn.Say(number);
    }

    private static List<(long Line, string Numbers, bool IsEnd)> Shown(TurnFeedBatch call) =>
        [.. call.Parts.Select(part => (part.Line, string.Join(' ', part.Events.Select(shown => shown.Sequence)), part.IsEnd))];

    /// <summary>The next call, where it is the feed's to say whether a window comes before it.</summary>
    private async Task<TurnFeedBatch> NextAfterAnyWindowAsync()
    {
        var next = _client.NextAsync();
        await TestWait.UntilAsync(() =>
        {
            if (_clock.TimerIn(SiloFeed.ShortestWindow) is { } window)
                _clock.Fire(window);

            return next.IsCompleted;
        });
        return await next;
    }

    private Turn Open(long number)
    {
        var line = _feeds.Open(_client, number)!;
        var turn = new Turn(line.Stopped);
        _ = line.SendAsync(turn.ReadAsync());
        return turn;
    }

    /// <summary>A turn that says what a test tells it.</summary>
    private sealed class Turn(CancellationToken stopped)
    {
        private readonly Channel<TurnEvent> _events = Channel.CreateUnbounded<TurnEvent>();
        private volatile bool _hasEnded;
        private volatile int _taken;

        /// <summary>Events that are on their way.</summary>
        public int Taken => _taken;

        public bool HasEnded => _hasEnded;

        public void Say(int number) => _events.Writer.TryWrite(new TurnDelta("word ") { Sequence = number });

        public void Complete() => _events.Writer.Complete();

        public async IAsyncEnumerable<TurnEvent> ReadAsync()
        {
            try
            {
                await foreach (var shown in _events.Reader.ReadAllAsync(stopped))
                {
                    yield return shown;
                    _taken++;
                }
            }
            finally
            {
                _hasEnded = true;
            }
        }
    }

    /// <summary>Keeps what it is sent, and answers as a test says.</summary>
    private sealed class ScriptedClient : ITurnFeedObserver
    {
        private readonly Channel<TurnFeedBatch> _calls = Channel.CreateUnbounded<TurnFeedBatch>();

        public long[] Gone { get; set; } = [];

        public Exception? Fault { get; set; }

        public Task<TurnFeedBatch> NextAsync() => _calls.Reader.ReadAsync().AsTask().WaitAsync(TestWait.Limit);

        public ValueTask<long[]> DeliverAsync(TurnFeedBatch batch)
        {
            if (Fault is { } fault)
                return ValueTask.FromException<long[]>(fault);

            _calls.Writer.TryWrite(batch);
            return ValueTask.FromResult(Gone);
        }
    }
}
