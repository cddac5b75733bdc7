using System.Threading.Tasks.Sources;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>One reader of a running turn. Waiting for an event, and being woken by it, allocates nothing.</summary>
internal sealed class TurnLogReader : IAsyncEnumerator<TurnEvent>, IValueTaskSource<bool>
{
    private readonly TurnLog _log;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _cancellation;

    private TurnLogPlace _place;

    // The writer goes on while its readers do what they do with the event.
    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };

    public TurnLogReader(TurnLog log, long after, CancellationToken cancellationToken)
    {
        _log = log;
        Last = after;
        _cancellationToken = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static reader => ((TurnLogReader)reader!).Cancel(), this);
    }

    /// <inheritdoc/>
    public TurnEvent Current { get; private set; } = null!;

    /// <summary>The last sequence number that was read, or was not wanted.</summary>
    public long Last { get; private set; }

    /// <summary>The next of those that wait; of the log, inside its gate.</summary>
    public TurnLogReader? NextWaiting { get; set; }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync()
    {
        lock (_log.Gate)
        {
            if (TryTake())
                return new ValueTask<bool>(true);

            if (_log.IsClosed)
                return new ValueTask<bool>(false);

            if (_cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<bool>(_cancellationToken);

            _wait.Reset();
            _log.Wait(this);
        }

        return new ValueTask<bool>(this, _wait.Version);
    }

    /// <summary>Something has happened to the log. The reader does not wait any more.</summary>
    public void Wake() => _wait.SetResult(true);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _cancellation.DisposeAsync();

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wait.GetResult(token);
        lock (_log.Gate)
            return TryTake();
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private bool TryTake()
    {
        if (_log.Next(ref _place, Last) is not { } next)
            return false;

        Current = next;
        Last = next.Sequence;
        return true;
    }

    private void Cancel()
    {
        lock (_log.Gate)
        {
            if (!_log.Leave(this))
                return;
        }

        _wait.SetException(new OperationCanceledException(_cancellationToken));
    }
}
