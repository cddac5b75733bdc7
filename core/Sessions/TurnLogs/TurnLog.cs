using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>
/// The events of a running turn in memory, shared by all its readers. It is written on the actor's scheduler only, and read on any thread. Readers pull at their
/// own pace, so a slow one delays nobody. What deltas say is packed, since an answer of a thousand tokens would be three thousand objects otherwise; the newest events are kept as they
/// are, for the readers that keep up.
/// </summary>
internal sealed class TurnLog
{
    private const int Newest = 2;

    private readonly PackedPieces _deltas = new();
    private readonly List<TurnEvent> _marks = [];
    private readonly TurnEvent?[] _newest = new TurnEvent?[Newest];
    private PiecesEnd _answer;
    private long _last;
    private TurnLogReader? _waiting;
    private bool _closed;
    private string? _unshown;

    /// <summary>Guards what readers and the writer share.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The events so far. On the actor's scheduler.</summary>
    public IReadOnlyList<TurnEvent> ReadAll()
    {
        var events = new List<TurnEvent>((int)_last);
        lock (Gate)
        {
            for (var place = default(TurnLogPlace); Next(ref place, 0) is { } next;)
                events.Add(next);
        }

        return events;
    }

    /// <summary>All deltas since the last restart as one text, with what nobody is shown. On the actor's scheduler.</summary>
    public string ReadAnswer()
    {
        lock (Gate)
            return _deltas.ToString(_answer) + _unshown;
    }

    /// <summary>The newest event's sequence number; 0 for none. On the actor's scheduler.</summary>
    public long LastSequence => _last;

    /// <summary>Adds an event under the next sequence number and wakes the readers. After <see cref="Abandon"/> nobody is shown it but where it is the last.</summary>
    public void Append(TurnEvent added)
    {
        TurnLogReader? waiting;
        lock (Gate)
        {
            // The next activation owns the numbers, unless the end was written just before. What the upstream said all the same is paid for.
            if (_unshown is not null && !added.IsLast)
            {
                _unshown += (added as TurnDelta)?.Text;
                return;
            }

            var numbered = added with { Sequence = ++_last };
            _newest[_last % Newest] = numbered;
            if (numbered is TurnDelta delta)
                _deltas.Append(delta.Text);
            else
                _marks.Add(numbered);

            // Text after a restart replaces what came before it.
            if (numbered is TurnRestarted)
                _answer = _deltas.End;
            _closed |= added.IsLast;
            waiting = TakeWaiting();
        }

        Wake(waiting);
    }

    /// <summary>Ends all reading without a last event: the turn goes on in another activation.</summary>
    public void Abandon()
    {
        TurnLogReader? waiting;
        lock (Gate)
        {
            (_closed, _unshown) = (true, "");
            waiting = TakeWaiting();
        }

        Wake(waiting);
    }

    /// <summary>The events after a sequence number: what is there, then what comes, to the end.</summary>
    public TurnLogReading Read(long after) => new(this, Math.Max(0, after));

    /// <summary>The next event that is wanted, if it is there. Inside the gate.</summary>
    /// <param name="place">How far the log was read; moves on.</param>
    /// <param name="after">The last sequence number that is not wanted.</param>
    /// <returns>The event; null where there is none, or none yet.</returns>
    public TurnEvent? Next(ref TurnLogPlace place, long after)
    {
        while (place.Sequence < _last)
        {
            var sequence = place.Sequence + 1;
            if (place.Mark < _marks.Count && _marks[place.Mark].Sequence == sequence)
            {
                place = place with { Sequence = sequence, Mark = place.Mark + 1 };
                if (sequence > after)
                    return _marks[place.Mark - 1];
                continue;
            }

            var delta = place.Delta;
            var isPacked = sequence > after && sequence <= _last - Newest;
            var text = isPacked ? _deltas.Read(ref delta) : null;
            if (!isPacked)
                _deltas.Skip(ref delta);
            place = place with { Sequence = sequence, Delta = delta };
            if (sequence > after)
                return isPacked ? new TurnDelta(text!) { Sequence = sequence } : _newest[sequence % Newest];
        }

        return null;
    }

    /// <summary>Whether nothing will be added. Inside the gate.</summary>
    public bool IsClosed => _closed;

    /// <summary>Lets a reader wait for the next event. Inside the gate.</summary>
    public void Wait(TurnLogReader reader)
    {
        reader.NextWaiting = _waiting;
        _waiting = reader;
    }

    /// <summary>Lets a reader wait no longer. Inside the gate.</summary>
    /// <returns>Whether it was waiting.</returns>
    public bool Leave(TurnLogReader reader)
    {
        TurnLogReader? before = null;
        for (var waiting = _waiting; waiting is not null; (before, waiting) = (waiting, waiting.NextWaiting))
        {
            if (waiting != reader)
                continue;

            if (before is null)
                _waiting = reader.NextWaiting;
            else
                before.NextWaiting = reader.NextWaiting;
            return true;
        }

        return false;
    }

    /// <summary>The readers that need not wait any more. One that asked for what is far ahead waits on, until that is there or the end is.</summary>
    private TurnLogReader? TakeWaiting()
    {
        TurnLogReader? woken = null;
        TurnLogReader? left = null;
        for (var (reader, next) = (_waiting, _waiting?.NextWaiting); reader is not null; (reader, next) = (next, next?.NextWaiting))
        {
            ref var list = ref _closed || reader.Last < _last ? ref woken : ref left;
            reader.NextWaiting = list;
            list = reader;
        }

        _waiting = left;
        return woken;
    }

    private static void Wake(TurnLogReader? waiting)
    {
        while (waiting is not null)
        {
            // Once it is awake it may wait again, and be followed by another.
            var next = waiting.NextWaiting;
            waiting.Wake();
            waiting = next;
        }
    }
}
