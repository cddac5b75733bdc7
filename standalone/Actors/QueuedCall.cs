namespace OrleansChat.Standalone.Actors;

/// <summary>A call that could not run at once. Cancelling it while it waits ends the wait; once it runs, the method itself decides.</summary>
internal sealed class QueuedCall<TActor, TArgument, TResult> : IQueuedCall<TActor>
    where TActor : class
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> _method;
    private readonly TArgument _argument;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;

    // The caller's trace and log scope go with the call, as they do with one that runs at once.
    private readonly ExecutionContext? _caller = ExecutionContext.Capture();

    public QueuedCall(
        bool interleaves,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        Interleaves = interleaves;
        _method = method;
        _argument = argument;
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static (call, token) => ((QueuedCall<TActor, TArgument, TResult>)call!)._completion.TrySetCanceled(token), this);
    }

    public bool Interleaves { get; }

    public Task<TResult> Completion => _completion.Task;

    public void Start(Activation<TActor> activation)
    {
        activation.Dequeued();
        _registration.Unregister();
        if (_completion.Task.IsCompleted)
            return;

        if (_caller is null)
            Run(activation);
        else
            ExecutionContext.Run(_caller, static state => { var (call, on) = ((QueuedCall<TActor, TArgument, TResult>, Activation<TActor>))state!; call.Run(on); }, (this, activation));
    }

    public void Fail(Exception fault)
    {
        _registration.Unregister();
        _completion.TrySetException(fault);
    }

    private void Run(Activation<TActor> activation)
    {
        // Another execution context hides the mailbox's synchronisation context.
        SynchronizationContext.SetSynchronizationContext(activation);
        _ = CompleteAsync(activation.Run(Interleaves, _method, _argument, _cancellationToken));
    }

    private async Task CompleteAsync(ValueTask<TResult> running)
    {
        try
        {
            _completion.TrySetResult(await running);
        }
        catch (OperationCanceledException cancelled)
        {
            _completion.TrySetCanceled(cancelled.CancellationToken);
        }
        catch (Exception fault)
        {
            _completion.TrySetException(fault);
        }
    }
}
