namespace OrleansChat.Core.Sessions;

/// <summary>The turns under way in this process: a host that stops in order waits for them, and lets no new one begin.</summary>
public sealed class RunningTurns
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _none;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the host is stopping: a session asks for its next turn elsewhere.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Lets no new turn begin.</summary>
    public void Close() => IsClosed = true;

    /// <summary>Completes when none is under way.</summary>
    /// <returns>A task.</returns>
    public Task WhenNoneAsync()
    {
        lock (_gate)
        {
            if (Count == 0)
                return Task.CompletedTask;

            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task;
        }
    }

    /// <summary>Counts a turn until its work is done.</summary>
    internal void Follow(Task work)
    {
        lock (_gate)
            Count++;

        _ = work.ContinueWith(
            static (_, turns) => ((RunningTurns)turns!).End(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void End()
    {
        lock (_gate)
        {
            if (--Count > 0)
                return;

            _none?.SetResult();
            _none = null;
        }
    }
}
