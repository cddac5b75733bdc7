namespace OrleansChat.Core.Costs;

/// <summary>Those who read the ledger at the moment. Readers come first: nothing that one has begun to read is taken from him.</summary>
internal sealed class LedgerReaders
{
    private int _count;
    private TaskCompletionSource? _unread;

    /// <summary>Whether nobody waits for readers any more: the activation ends.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Begins to read.</summary>
    /// <returns>To be disposed of at the end of the reading.</returns>
    public IDisposable Read()
    {
        _count++;
        return new Reading(this);
    }

    /// <summary>Waits until nobody reads.</summary>
    /// <returns>A task that completes then, or when this is stopped.</returns>
    public async Task UnreadAsync()
    {
        while (_count > 0 && !IsStopped)
        {
            _unread ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _unread.Task;
        }
    }

    /// <summary>Ends all waiting.</summary>
    public void Stop()
    {
        IsStopped = true;
        _unread?.TrySetResult();
    }

    private void End()
    {
        if (--_count > 0)
            return;

        _unread?.TrySetResult();
        _unread = null;
    }

    private sealed class Reading(LedgerReaders readers) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (!_ended)
                readers.End();

            _ended = true;
        }
    }
}
