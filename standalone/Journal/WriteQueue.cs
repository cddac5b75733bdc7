namespace OrleansChat.Standalone.Journal;

/// <summary>
/// Where writers leave their writes and the commit loop's thread takes them in batches. Its length is bounded by the number of
/// callers, since each waits for its write.
/// </summary>
internal sealed class WriteQueue
{
    private readonly object _gate = new();
    private readonly Queue<PendingWrite> _writes = new();
    private bool _isClosed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _writes.Count;
        }
    }

    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    public void Add(PendingWrite write)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Journal));
            _writes.Enqueue(write);
            if (_writes.Count == 1)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets <see cref="TakeBatch"/> hand out what is left and then end.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Blocks until there are writes and moves as many as fit into <paramref name="batch"/>; false when closed and empty.</summary>
    public bool TakeBatch(List<PendingWrite> batch, int maxBytes)
    {
        lock (_gate)
        {
            while (_writes.Count == 0)
            {
                if (_isClosed)
                    return false;
                Monitor.Wait(_gate);
            }

            long bytes = 0;
            while (_writes.TryPeek(out var next))
            {
                bytes += RecordHeader.Bytes + next.Key.Length + next.Value.Length;
                if (batch.Count > 0 && bytes > maxBytes)
                    break;
                batch.Add(_writes.Dequeue());
            }

            return true;
        }
    }
}
