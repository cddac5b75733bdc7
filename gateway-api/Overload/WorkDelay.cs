namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// How late work begins. A piece of work is queued behind all other, as requests are before anybody has looked at them, and only tells when it begins. A timer would not tell: the runtime lets
/// it overtake other work.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="queue">Queues work behind all other; null for the pool of threads.</param>
internal sealed class WorkDelay(TimeProvider clock, Action<Action>? queue = null)
{
    private readonly Action<Action> _queue = queue ?? (static work => ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false));
    private long _queuedAt;
    private long _begunAt;
    private bool _isQueued;
    private bool _counts;

    /// <summary>Asks, and says what the last question has come to. For one caller at a time.</summary>
    /// <returns>How long the last piece of work waited, or has waited if it still does; null where nobody has asked before.</returns>
    public TimeSpan? Ask()
    {
        if (Volatile.Read(ref _isQueued))
            return clock.GetElapsedTime(_queuedAt);

        TimeSpan? last = _counts ? clock.GetElapsedTime(_queuedAt, _begunAt) : null;
        (_queuedAt, _counts) = (clock.GetTimestamp(), true);
        Volatile.Write(ref _isQueued, true);
        _queue(Begin);
        return last;
    }

    /// <summary>What was asked tells nothing of later.</summary>
    public void Forget() => _counts = false;

    private void Begin()
    {
        _begunAt = clock.GetTimestamp();
        Volatile.Write(ref _isQueued, false);
    }
}
