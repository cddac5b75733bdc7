namespace OrleansChat.Standalone.Actors;

/// <summary>
/// Decides which calls of an activation may run, and keeps the others in order: an ordinary call begins when the one before it has ended,
/// an interleaving one at once. Used inside the mailbox only.
/// </summary>
/// <typeparam name="TActor">The actor class.</typeparam>
internal sealed class CallGate<TActor>
    where TActor : class
{
    private Queue<IQueuedCall<TActor>>? _waiting;
    private bool _occupied;
    private bool _isStarting;
    private bool _isClosing;
    private int _running;
    private int _runningLate;

    /// <summary>Whether no call is under way.</summary>
    public bool IsIdle => _running == 0;

    /// <summary>Whether no further ordinary call is let in.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>Lets no further ordinary call in.</summary>
    public void Close() => _isClosing = true;

    /// <summary>
    /// Whether a call may run now. When the gate is closing, interleaving calls still run while one is under way that began before: that one
    /// may be waiting for them.
    /// </summary>
    public bool IsOpenFor(bool interleaves) => _isClosing ? interleaves && _running > _runningLate : interleaves || !_occupied;

    /// <summary>Counts a call in.</summary>
    /// <returns>Whether it came while the gate was closing; to be given to <see cref="Leave"/>.</returns>
    public bool Enter(bool interleaves)
    {
        _running++;
        _occupied |= !interleaves;
        if (_isClosing)
            _runningLate++;

        return _isClosing;
    }

    /// <summary>Counts a call out.</summary>
    public void Leave(bool interleaves, bool late)
    {
        _running--;
        _occupied &= interleaves;
        if (late)
            _runningLate--;
    }

    /// <summary>Lets a call wait.</summary>
    public void Hold(IQueuedCall<TActor> call) => (_waiting ??= new()).Enqueue(call);

    /// <summary>The next of the waiting calls, whether it may run or not.</summary>
    public bool TryTake(out IQueuedCall<TActor>? call)
    {
        call = null;
        return _waiting is not null && _waiting.TryDequeue(out call);
    }

    /// <summary>Starts the waiting calls that may run.</summary>
    public void StartWaiting(Activation<TActor> activation)
    {
        // A call that ends at once comes back here; the outer loop goes on, so that the stack does not grow.
        if (_waiting is null || _isStarting)
            return;

        _isStarting = true;
        while (_waiting.TryPeek(out var next) && !_isClosing && IsOpenFor(next.Interleaves))
            _waiting.Dequeue().Start(activation);

        _isStarting = false;
        if (_waiting.Count == 0)
            _waiting = null;
    }
}
