namespace OrleansChat.Standalone.Actors;

/// <summary>
/// Runs the work of one activation on one thread at a time, whichever thread that is. As the current synchronisation context while actor
/// code runs, it also brings every continuation of that code back. An idle mailbox holds no thread, no timer and no queue.
/// </summary>
internal abstract class Mailbox : SynchronizationContext, IThreadPoolWorkItem
{
    /// <summary>Work items run in one go before other work of the process gets its turn on the thread.</summary>
    private const int ItemsPerDrain = 128;

    /// <summary>
    /// How often a thread looks again whether the mailbox is free, about a microsecond in all: most turns are shorter than that, and a call that is
    /// queued instead costs several times as much. Where there is one processor, nobody can leave while another looks.
    /// </summary>
    protected static readonly int Looks = Environment.ProcessorCount > 1 ? 30 : 0;

    /// <summary>
    /// How often a visitor looks, about four microseconds in all. He has more to lose: without one actor he has none of those that he visits, and makes twice
    /// as many calls in place of the visits.
    /// </summary>
    protected static readonly int VisitorsLooks = 4 * Looks;

    private readonly Lock _gate = new();
    private Queue<(SendOrPostCallback Callback, object? State)>? _queue;

    /// <summary>Who has the mailbox: it is given and taken without the lock as long as nothing is queued.</summary>
    private int _state;

    private static class State
    {
        public const int Free = 0;
        public const int Occupied = 1;

        /// <summary>Somebody has the mailbox and work is queued: he hands it to the pool, and nobody gets in before that.</summary>
        public const int Queued = 2;

        /// <summary>Work is queued and waits for a thread of the pool.</summary>
        public const int Handed = 3;
    }

    /// <summary>Queues work behind all that is queued.</summary>
    /// <param name="d">The work.</param>
    /// <param name="state">Its argument.</param>
    public sealed override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            (_queue ??= new()).Enqueue((d, state));
            if (!HasToHandOver())
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Not supported: a blocked thread could be the one that the mailbox needs.</summary>
    /// <param name="d">The work.</param>
    /// <param name="state">Its argument.</param>
    public sealed override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An actor is never called synchronously.");

    /// <inheritdoc/>
    public sealed override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs queued work on a pool thread, unless somebody has come before it.</summary>
    void IThreadPoolWorkItem.Execute() => TryRunQueued();

    /// <summary>
    /// Runs queued work that waits for a thread of the pool on this one. Where the pool has much else to do that would be a while, in which nobody gets in.
    /// </summary>
    /// <returns>Whether there was any.</returns>
    protected bool TryRunQueued()
    {
        if (Interlocked.CompareExchange(ref _state, State.Queued, State.Handed) != State.Handed)
            return false;

        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var done = 0; done < ItemsPerDrain && TryTake(out var item); done++)
                RunGuarded(item.Callback, item.State);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        lock (_gate)
        {
            if (_queue is not { Count: > 0 })
            {
                _queue = null;
                Volatile.Write(ref _state, State.Free);
                return true;
            }

            Volatile.Write(ref _state, State.Handed);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Takes the mailbox for the calling thread if nothing runs or waits in it, or what runs ends within a moment.</summary>
    /// <param name="mostLooks">How often it looks again.</param>
    /// <returns>Whether the thread has it now, and must <see cref="Leave"/>.</returns>
    protected bool TryEnter(int mostLooks)
    {
        for (var looks = 0; ; looks++)
        {
            var state = Volatile.Read(ref _state);
            if (state == State.Free && Interlocked.CompareExchange(ref _state, State.Occupied, State.Free) == State.Free)
                return true;

            if (state >= State.Queued || looks == mostLooks)
                return false;

            Thread.SpinWait(1);
        }
    }

    /// <summary>Gives the mailbox up, or hands it to the pool when work came in meanwhile.</summary>
    protected void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, State.Free, State.Occupied) == State.Occupied)
            return;

        Volatile.Write(ref _state, State.Handed);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Told of an exception that nothing in the actor's code has caught.</summary>
    /// <param name="fault">The exception.</param>
    protected abstract void OnUnhandled(Exception fault);

    /// <summary>Work came in; under the lock, since whoever has run all of it gives the mailbox up there.</summary>
    /// <returns>Whether the mailbox was free, so that whoever brought the work hands it to the pool.</returns>
    private bool HasToHandOver()
    {
        for (; ; )
        {
            var state = Volatile.Read(ref _state);
            if (state >= State.Queued)
                return false;

            var next = state == State.Free ? State.Handed : State.Queued;
            if (Interlocked.CompareExchange(ref _state, next, state) == state)
                return next == State.Handed;
        }
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) item)
    {
        lock (_gate)
            return _queue!.TryDequeue(out item);
    }

    private void RunGuarded(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (Exception fault)
        {
            OnUnhandled(fault);
        }
    }
}
