using OrleansChat.Core.Actors;

namespace OrleansChat.Standalone.Actors;

/// <summary>
/// One actor in memory, under Orleans' rules: one thread at a time; an ordinary call begins when the one before it has ended; interleaving
/// calls and enumerations run whenever the actor awaits. All members but those that say so run inside the mailbox.
/// </summary>
/// <typeparam name="TActor">The actor class.</typeparam>
internal sealed class Activation<TActor>(ActorKind<TActor> kind, string key) : Mailbox, IActorVisit<TActor>
    where TActor : class
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> _enumerations = [];
    private readonly CallGate<TActor> _calls = new();
    private volatile Phase _phase;
    private TActor? _actor;
    private ActorContext<TActor>? _context;
    private volatile int _lastUsed = kind.Host.SweepCount;
    private CancellationToken _endToken;
    private int _queued;
    private bool _isVisitLate;

    private enum Phase
    {
        New,
        Activating,
        Active,
        Deactivating,
        Ended,
    }

    /// <summary>The actor's key. On any thread.</summary>
    public string Key => key;

    /// <summary>Whether another activation has taken its place or will. On any thread.</summary>
    public bool HasEnded => _phase == Phase.Ended;

    /// <summary>Runs a call on the caller's thread if the actor is free. On any thread.</summary>
    public bool TryCall<TArgument, TResult>(
        bool interleaves,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken,
        out ValueTask<TResult> result)
    {
        if (!TryEnter(Looks))
        {
            result = default;
            return false;
        }

        var free = _phase == Phase.Active && _calls.IsOpenFor(interleaves);
        result = free ? Run(interleaves, method, argument, cancellationToken) : default;
        Leave();
        return free;
    }

    /// <summary>Begins a visit if the actor is free. On any thread; that thread ends it.</summary>
    public bool TryBeginVisit()
    {
        if (!TryEnter(VisitorsLooks))
            return false;

        if (_phase != Phase.Active || !_calls.IsOpenFor(interleaves: true))
        {
            Leave();
            return false;
        }

        _isVisitLate = _calls.Enter(interleaves: true);
        _lastUsed = kind.Host.SweepCount;
        return true;
    }

    /// <summary>Runs what waits for a thread of the pool on this one.</summary>
    /// <returns>Whether anything did.</returns>
    public bool TryRunWaiting() => TryRunQueued();

    /// <inheritdoc/>
    TActor IActorVisit<TActor>.Enter()
    {
        SetSynchronizationContext(this);
        return _actor!;
    }

    /// <inheritdoc/>
    void IActorVisit<TActor>.End()
    {
        SetSynchronizationContext(this);
        End(interleaves: true, _isVisitLate);
        Leave();
    }

    /// <summary>Lets a call wait for its turn, unless too many do. On any thread.</summary>
    /// <returns>Whether it waits.</returns>
    public bool TryEnqueue(IQueuedCall<TActor> call)
    {
        if (Interlocked.Increment(ref _queued) > ActorOverload.MostCalls)
        {
            Dequeued();
            return false;
        }

        Post(call);
        return true;
    }

    /// <summary>Takes over a call that waited for an activation before this one. On any thread.</summary>
    public void Enqueue(IQueuedCall<TActor> call)
    {
        Interlocked.Increment(ref _queued);
        Post(call);
    }

    /// <summary>A call does not wait any more.</summary>
    public void Dequeued() => Interlocked.Decrement(ref _queued);

    private void Post(IQueuedCall<TActor> call) =>
        Post(static state =>
        {
            var (activation, queued) = ((Activation<TActor>, IQueuedCall<TActor>))state!;
            activation.Accept(queued);
        }, (this, call));

    /// <summary>Runs a call now.</summary>
    public ValueTask<TResult> Run<TArgument, TResult>(
        bool interleaves,
        Func<TActor, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        CancellationToken cancellationToken)
    {
        var late = _calls.Enter(interleaves);
        _lastUsed = kind.Host.SweepCount;
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            var running = method(_actor!, argument, cancellationToken);
            if (!running.IsCompleted)
                return EndLaterAsync(running, interleaves, late);

            End(interleaves, late);
            return running;
        }
        catch (Exception fault)
        {
            End(interleaves, late);
            return ValueTask.FromException<TResult>(fault);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Begins an enumeration. While one is open that is read in here, idleness does not end the activation.</summary>
    public IAsyncEnumerator<TItem> Open<TItem>(IAsyncEnumerable<TItem> items, CancellationToken cancellationToken)
    {
        if (items is IDetachedEnumerable<TItem>)
            return items.GetAsyncEnumerator(cancellationToken);

        var enumeration = new ActorEnumeration<TActor, TItem>(this, items, cancellationToken);
        _enumerations.Add(enumeration);
        return enumeration;
    }

    /// <summary>Forgets an enumeration that has ended.</summary>
    public void Close(IDisposable enumeration) => _enumerations.Remove(enumeration);

    /// <summary>Runs one step of an enumeration beside the calls. On any thread.</summary>
    public ValueTask<bool> StepAsync<TState>(Func<TState, ValueTask<bool>> step, TState state)
    {
        if (!TryEnter(Looks))
            return new ValueTask<bool>(StepLaterAsync(step, state));

        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            _lastUsed = kind.Host.SweepCount;
            return AwaitHereAsync(step(state));
        }
        finally
        {
            SetSynchronizationContext(outer);
            Leave();
        }
    }

    /// <summary>Ends the activation once its running calls are done.</summary>
    public void RequestEnd()
    {
        _calls.Close();
        if (_phase == Phase.Active && _actor is IActorLifecycle lifecycle)
            lifecycle.Close();

        EndIfRequested();
    }

    /// <summary>Ends the activation if nothing has used it lately. On any thread.</summary>
    public void EndIfIdle()
    {
        if (kind.Host.SweepCount - _lastUsed < 2)
            return;

        Post(static state => ((Activation<TActor>)state!).RequestEndIfIdle(), this);
    }

    /// <summary>Ends the activation, and completes when it has ended. On any thread.</summary>
    /// <param name="cancellationToken">What the actor's deactivation is given.</param>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        Post(static state =>
        {
            var (activation, token) = ((Activation<TActor>, CancellationToken))state!;
            activation._endToken = token;
            if (activation._phase == Phase.New)
                activation.Finish();
            else
                activation.RequestEnd();
        }, (this, cancellationToken));
        return _ended.Task;
    }

    /// <inheritdoc/>
    protected override void OnUnhandled(Exception fault) => kind.Host.LogUnhandled(kind.Name, key, fault);

    private void RequestEndIfIdle()
    {
        var idle = _phase == Phase.Active && _calls.IsIdle && _enumerations.Count == 0 && kind.Host.SweepCount - _lastUsed >= 2;
        if (idle && !_context!.IsHeld)
            RequestEnd();
    }

    private void Accept(IQueuedCall<TActor> call)
    {
        switch (_phase)
        {
            case Phase.Ended:
                kind.Resolve(key).Enqueue(call);
                return;
            case Phase.New:
                _phase = Phase.Activating;
                _calls.Hold(call);
                _ = ActivateAsync();
                return;
            case Phase.Active when _calls.IsOpenFor(call.Interleaves):
                call.Start(this);
                return;
            default:
                _calls.Hold(call);
                return;
        }
    }

    private void End(bool interleaves, bool late)
    {
        _calls.Leave(interleaves, late);
        _calls.StartWaiting(this);
        EndIfRequested();
    }

    private async ValueTask<TResult> EndLaterAsync<TResult>(ValueTask<TResult> running, bool interleaves, bool late)
    {
        try
        {
            return await running;
        }
        finally
        {
            End(interleaves, late);
        }
    }

    private Task<bool> StepLaterAsync<TState>(Func<TState, ValueTask<bool>> step, TState state)
    {
        var completion = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(static queued => _ = Complete(((Func<TState, ValueTask<bool>>, TState, TaskCompletionSource<bool>))queued!), (step, state, completion));
        return completion.Task;

        static async Task Complete((Func<TState, ValueTask<bool>> Step, TState State, TaskCompletionSource<bool> Completion) queued)
        {
            try
            {
                queued.Completion.SetResult(await queued.Step(queued.State));
            }
            catch (Exception fault)
            {
                queued.Completion.SetException(fault);
            }
        }
    }

    /// <summary>Awaits inside the mailbox: the code that waits for the outcome then never runs on this activation's thread.</summary>
    private static async ValueTask<bool> AwaitHereAsync(ValueTask<bool> running) => await running;

    private async Task ActivateAsync()
    {
        try
        {
            _context = new ActorContext<TActor>(kind, this);
            _actor = await kind.CreateAsync(_context, kind.Host.Stopping);
            if (_actor is IActorLifecycle lifecycle)
                await lifecycle.ActivateAsync(kind.Host.Stopping);

            _phase = Phase.Active;
            _calls.StartWaiting(this);
            EndIfRequested();
        }
        catch (Exception fault)
        {
            // Who calls when the process has all but ended is told so; it is no fault of the actor's.
            var isStopping = kind.Host.Stopping.IsCancellationRequested;
            if (fault is ObjectDisposedException gone && (isStopping || gone.ObjectName == nameof(IServiceProvider)) || isStopping && fault is OperationCanceledException)
                kind.Host.LogTooLate(kind.Name, key);
            else
                kind.Host.LogActivationFailed(kind.Name, key, fault);
            while (_calls.TryTake(out var call))
            {
                Dequeued();
                call!.Fail(fault);
            }

            Finish();
        }
    }

    private void EndIfRequested()
    {
        if (!_calls.IsClosing || _phase != Phase.Active || !_calls.IsIdle)
            return;

        _phase = Phase.Deactivating;
        _ = DeactivateAsync();
    }

    private async Task DeactivateAsync()
    {
        try
        {
            if (_actor is IActorLifecycle lifecycle)
                await lifecycle.DeactivateAsync(_endToken);
        }
        catch (Exception fault)
        {
            kind.Host.LogDeactivationFailed(kind.Name, key, fault);
        }

        foreach (var enumeration in _enumerations)
            enumeration.Dispose();

        Finish();
    }

    private void Finish()
    {
        _phase = Phase.Ended;

        // Who visited it may still know it.
        _actor = null;
        kind.Remove(this);
        while (_calls.TryTake(out var call))
            kind.Resolve(key).Enqueue(call!);

        _ended.TrySetResult();
    }
}
