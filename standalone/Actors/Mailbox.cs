namespace OrleansChat.Standalone.Actors;

/// <summary>
/// Runs the work of one activation on one thread at a time, whichever thread that is. As the current synchronisation context while actor
/// code runs, it also brings every continuation of that code back. An idle mailbox holds no thread, no timer and no queue.
/// </summary>
internal abstract class Mailbox : SynchronizationContext, IThreadPoolWorkItem
{
    /// <summary>Work items run in one go before other work of the process gets its turn on the thread.</summary>
    private const int ItemsPerDrain = 128;

    private readonly Lock _gate = new();
    private Queue<(SendOrPostCallback Callback, object? State)>? _queue;
    private bool _occupied;

    /// <summary>Queues work behind all that is queued.</summary>
    /// <param name="d">The work.</param>
    /// <param name="state">Its argument.</param>
    public sealed override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            (_queue ??= new()).Enqueue((d, state));
            if (_occupied)
                return;

            _occupied = true;
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

    /// <summary>Runs queued work on a pool thread.</summary>
    void IThreadPoolWorkItem.Execute()
    {
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

        Leave();
    }

    /// <summary>Takes the mailbox for the calling thread if nothing runs or waits in it.</summary>
    /// <returns>Whether the thread has it now, and must <see cref="Leave"/>.</returns>
    protected bool TryEnter()
    {
        lock (_gate)
        {
            if (_occupied)
                return false;

            _occupied = true;
            return true;
        }
    }

    /// <summary>Gives the mailbox up, or hands it to the pool when work came in meanwhile.</summary>
    protected void Leave()
    {
        lock (_gate)
        {
            if (_queue is not { Count: > 0 })
            {
                _queue = null;
                _occupied = false;
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Told of an exception that nothing in the actor's code has caught.</summary>
    /// <param name="fault">The exception.</param>
    protected abstract void OnUnhandled(Exception fault);

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
