namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// How late work begins in a process that keeps the processors busy itself. A piece of work is queued behind all other, as requests are before anybody has looked at them, and only tells when it begins. A timer would not tell: the runtime lets
/// it overtake other work.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="use">Whether the process does.</param>
/// <param name="queue">Queues work behind all other.</param>
internal sealed class WorkDelay(TimeProvider clock, ProcessorUse use, Action<Action> queue)
{
    private long _queuedAt;
    private long _begunAt;
    private bool _isQueued;
    private bool _counts;

    /// <summary>Asks, and says what the last question has come to. For one caller at a time.</summary>
    /// <returns>How long the last piece of work waited, or has waited if it still does, and nothing where others keep the processors busy; null where nobody has asked before.</returns>
    public TimeSpan? Ask()
    {
        var isOwn = use.IsBusy;
        if (Volatile.Read(ref _isQueued))
            return isOwn ? clock.GetElapsedTime(_queuedAt) : TimeSpan.Zero;

        TimeSpan? last = _counts ? clock.GetElapsedTime(_queuedAt, _begunAt) : null;
        (_queuedAt, _counts) = (clock.GetTimestamp(), true);
        Volatile.Write(ref _isQueued, true);
        queue(Begin);
        return isOwn || last is null ? last : TimeSpan.Zero;
    }

    /// <summary>How late work begins in the pool of this process' threads.</summary>
    /// <param name="clock">The clock.</param>
    public static WorkDelay OfThisProcess(TimeProvider clock) =>
        new(clock, ProcessorUse.OfThisProcess(clock), static work => ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false));

    /// <summary>What was asked tells nothing of later.</summary>
    public void Forget() => _counts = false;

    private void Begin()
    {
        _begunAt = clock.GetTimestamp();
        Volatile.Write(ref _isQueued, false);
    }
}
