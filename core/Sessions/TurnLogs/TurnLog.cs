using System.Runtime.CompilerServices;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>
/// The events of a running turn in memory, shared by all its readers. Readers pull at their own pace, so a slow one delays nobody.
/// Used on the actor's scheduler only.
/// </summary>
internal sealed class TurnLog
{
    private readonly List<TurnEvent> _events = [];
    private TaskCompletionSource? _changed;
    private bool _closed;

    /// <summary>The events so far.</summary>
    public IReadOnlyList<TurnEvent> Events => _events;

    /// <summary>The newest event's sequence number; 0 for none.</summary>
    public long LastSequence => _events.Count;

    /// <summary>Adds an event under the next sequence number and wakes the readers.</summary>
    public void Append(TurnEvent added)
    {
        _events.Add(added with { Sequence = _events.Count + 1 });
        _closed |= added.IsLast;
        Wake();
    }

    /// <summary>Ends all reading without a last event: the turn goes on in another activation.</summary>
    public void Abandon()
    {
        _closed = true;
        Wake();
    }

    /// <summary>The events after a sequence number: what is there, then what comes, to the end.</summary>
    public async IAsyncEnumerable<TurnEvent> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = Math.Max(0, after); ; next++)
        {
            while (next >= _events.Count)
            {
                if (_closed)
                    yield break;

                _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await _changed.Task.WaitAsync(cancellationToken);
            }

            yield return _events[(int)next];
        }
    }

    private void Wake()
    {
        var changed = _changed;
        _changed = null;
        changed?.SetResult();
    }
}
