using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>
/// Waits for the steps of an enumerator, one at a time, and stops waiting at once when it is told to, even where the enumerator does not listen. A step costs no
/// allocation.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its one disposable is disposed of by the method of that name.")]
internal sealed class StoppableMove : IValueTaskSource<bool>
{
    private const int Resting = 0;
    private const int Moving = 1;
    private const int Left = 2;

    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly Action _moved;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ManualResetValueTaskSourceCore<bool> _wait;
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter _move;
    private int _state = Resting;

    /// <summary>Makes one for all steps of an enumerator.</summary>
    /// <param name="stop">Ends the wait.</param>
    public StoppableMove(CancellationToken stop)
    {
        _stop = stop;
        _moved = Moved;
        _stopping = stop.UnsafeRegister(static move => ((StoppableMove)move!).Leave(), this);
    }

    /// <summary>Whether a step was left under way.</summary>
    public bool IsLeft => Volatile.Read(ref _state) == Left;

    /// <summary>Completes when the step that was left has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Waits for a step that is under way.</summary>
    /// <param name="move">The step.</param>
    /// <returns>Its outcome.</returns>
    public ValueTask<bool> WaitAsync(ValueTask<bool> move)
    {
        _wait.Reset();
        var wait = new ValueTask<bool>(this, _wait.Version);
        _move = move.ConfigureAwait(false).GetAwaiter();
        Volatile.Write(ref _state, Moving);
        _move.UnsafeOnCompleted(_moved);
        if (_stop.IsCancellationRequested)
            Leave();

        return wait;
    }

    /// <summary>Listens no longer.</summary>
    public void Close() => _stopping.Dispose();

    bool IValueTaskSource<bool>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void Moved()
    {
        var isAwaited = Interlocked.CompareExchange(ref _state, Resting, Moving) == Moving;
        var hasNext = false;
        Exception? fault = null;
        try
        {
            hasNext = _move.GetResult();
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        if (!isAwaited)
            _ended.SetResult();
        else if (fault is not null)
            _wait.SetException(fault);
        else
            _wait.SetResult(hasNext);
    }

    private void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Left, Moving) == Moving)
            _wait.SetException(new OperationCanceledException(_stop));
    }
}
