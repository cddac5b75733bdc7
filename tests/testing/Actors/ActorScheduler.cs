namespace OrleansChat.Testing.Actors;

/// <summary>Runs the code of one actor on one thread at a time, continuations included, as both hosts do.</summary>
public sealed class ActorScheduler : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private bool _running;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _queue.Enqueue((d, state));
            if (_running)
                return;

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => Drain(), null);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("An actor is never called synchronously.");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a call inside the actor.</summary>
    /// <typeparam name="T">Its result.</typeparam>
    /// <param name="call">The call.</param>
    /// <returns>The result.</returns>
    public Task<T> RunAsync<T>(Func<ValueTask<T>> call)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _ = CompleteAsync(), null);
        return completion.Task;

        async Task CompleteAsync()
        {
            try
            {
                completion.SetResult(await call());
            }
            catch (Exception fault)
            {
                completion.SetException(fault);
            }
        }
    }

    /// <summary>Runs a call without a result inside the actor.</summary>
    /// <param name="call">The call.</param>
    /// <returns>A task.</returns>
    public Task RunAsync(Func<ValueTask> call) =>
        RunAsync(async () =>
        {
            await call();
            return true;
        });

    private void Drain()
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            while (TryTake(out var item))
                item.Callback(item.State);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) item)
    {
        lock (_gate)
        {
            if (_queue.TryDequeue(out item))
                return true;

            _running = false;
            return false;
        }
    }
}
