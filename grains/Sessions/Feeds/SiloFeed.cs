using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.Grains.Sessions.Feeds;

/// <summary>
/// What this silo sends one client: the events of all turns that the client reads here, in one call after the other. An event that comes alone is
/// sent at once; those that come within a window after a call share the next one.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="origin">This silo.</param>
/// <param name="time">The silo's clock.</param>
internal sealed class SiloFeed(ITurnFeedObserver client, string origin, TimeProvider time)
{
    /// <summary>The window of a feed with few lines.</summary>
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(5);

    /// <summary>The window of a feed with very many lines: below half of what a token may be late.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromMilliseconds(40);

    /// <summary>How often a client with nothing to receive is called, so that it knows this silo alive.</summary>
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);

    /// <summary>Window per line: at 50 tokens a second, a client's socket is then written to for two tokens at a time.</summary>
    private static readonly TimeSpan WindowPerLine = TimeSpan.FromMicroseconds(80);

    /// <summary>Events of one call at most, but for the last line's.</summary>
    private const int MostEvents = 8_192;

    /// <summary>Events that may wait while a client does not answer. It is then taken for dead; should it live, its readers begin anew.</summary>
    private const int MostWaiting = 262_144;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, FeedLine> _lines = [];
    private readonly Queue<FeedLine> _due = new();
    private TaskCompletionSource _something = NewSignal();
    private int _waiting;

    /// <summary>Whether it has no line.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _lines.Count == 0 && _due.Count == 0;
        }
    }

    private TimeSpan Window
    {
        get
        {
            var shared = _lines.Count * WindowPerLine;
            return shared < ShortestWindow ? ShortestWindow : shared > LongestWindow ? LongestWindow : shared;
        }
    }

    /// <summary>Opens a line.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>The line; null where it is open, because the call that opened it is repeated.</returns>
    public FeedLine? Open(long number)
    {
        lock (_gate)
        {
            var line = new FeedLine(this, number);
            return _lines.TryAdd(number, line) ? line : null;
        }
    }

    /// <summary>Sends an event of a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="shown">The event.</param>
    public void Post(FeedLine line, TurnEvent shown)
    {
        lock (_gate)
        {
            if (!_lines.ContainsKey(line.Number))
                return;

            if (line.Add(shown))
                _due.Enqueue(line);

            if (++_waiting > MostWaiting)
                StopAll();

            _something.TrySetResult();
        }
    }

    /// <summary>Ends a line after what was sent.</summary>
    /// <param name="line">The line.</param>
    public void End(FeedLine line)
    {
        lock (_gate)
        {
            if (!_lines.Remove(line.Number))
                return;

            if (line.End())
                _due.Enqueue(line);

            _something.TrySetResult();
        }
    }

    /// <summary>Sends until no line is left, or the client does not answer any more.</summary>
    /// <param name="isOver">Asked when there is no line: whether this feed is closed for good.</param>
    /// <returns>A task that does not fail.</returns>
    public async Task RunAsync(Func<bool> isOver)
    {
        long? sent = null;
        while (!isOver())
        {
            await _something.Task.WaitAsync(SignOfLife, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (sent is { } last && Window - time.GetElapsedTime(last) is var pause && pause > TimeSpan.Zero)
                await Task.Delay(pause, time);

            sent = time.GetTimestamp();
            try
            {
                StopUnread(await client.DeliverAsync(Take()));
            }
            catch (Exception)
            {
                // It is gone, or will begin anew: its lines end here.
                lock (_gate)
                    StopAll();
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TurnFeedBatch Take()
    {
        lock (_gate)
        {
            var parts = new List<TurnFeedPart>(_due.Count);
            var events = 0;
            while (events < MostEvents && _due.TryDequeue(out var line))
            {
                var part = line.Take();
                events += part.Events.Count;
                parts.Add(part);
            }

            _waiting -= events;
            if (_due.Count == 0)
                _something = NewSignal();

            return new TurnFeedBatch(origin, parts);
        }
    }

    private void StopUnread(long[] lines)
    {
        lock (_gate)
        {
            foreach (var number in lines)
            {
                if (_lines.Remove(number, out var line))
                    line.Stop();
            }
        }
    }

    private void StopAll()
    {
        foreach (var line in _lines.Values)
            line.Stop();

        _lines.Clear();
        _due.Clear();
        _waiting = 0;
    }
}
