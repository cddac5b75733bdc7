namespace OrleansChat.Standalone.Journal;

/// <summary>
/// The only writer of the log, on a thread of its own because it blocks on the disk. It takes all waiting writes, decides them in order,
/// writes them with one call, flushes once, and only then makes them visible and acknowledges them.
/// </summary>
internal sealed partial class CommitLoop(
    Segment active,
    bool isFenced,
    long nextVersion,
    JournalOptions options,
    SegmentFolder folder,
    KeyDirectory directory,
    TimeProvider time,
    Action segmentSealed,
    ILogger logger)
{
    private readonly WriteQueue _queue = new();
    private readonly SegmentWriter _writer = new(folder.Files);
    private readonly LogEnd _end = new(active, isFenced, folder, directory);
    private readonly List<PendingWrite> _batch = [];
    private readonly List<RecordPlace> _places = [];
    private readonly Dictionary<string, long> _batchVersions = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _nextVersion = nextVersion;
    private JournalWriteException? _fault;
    private volatile JournalWriteException? _refusal;
    private long _commits;
    private long _writes;
    private long _lastFlushTicks;

    /// <summary>The failure since which nothing is written; null while all is well.</summary>
    public JournalWriteException? Fault => _fault;

    /// <summary>The failure of the newest write, as when the disk is full; null once one has worked.</summary>
    public JournalWriteException? Refusal => _fault ?? _refusal;

    public int QueueDepth => _queue.Count;

    public long Commits => Interlocked.Read(ref _commits);

    public long Writes => Interlocked.Read(ref _writes);

    public TimeSpan LastFlush => TimeSpan.FromTicks(Interlocked.Read(ref _lastFlushTicks));

    public void Start() => new Thread(Run) { IsBackground = true, Name = "journal commit" }.Start();

    public Task<long> Enqueue(PendingWrite write)
    {
        _queue.Add(write);
        return write.Task;
    }

    /// <summary>Commits what is queued and ends the log with a fence.</summary>
    public Task StopAsync()
    {
        _queue.Close();
        return _ended.Task;
    }

    private void Run()
    {
        while (_queue.TakeBatch(_batch, options.MaxBatchBytes))
        {
            try
            {
                Commit();
                Acknowledge();
            }
            catch (JournalWriteException failure)
            {
                Fail(failure);
            }
            catch (Exception exception)
            {
                // The state of the log is not known to be right, so it must not grow.
                _fault ??= Faulted("went wrong", exception);
                Fail(_fault);
            }

            _batch.Clear();
        }

        CloseLog();
        _ended.SetResult();
    }

    private void Commit()
    {
        if (_fault is not null)
            throw Refused(_fault);
        if (_end.MustFollow || _end.Segment.Length >= options.SegmentBytes)
            Roll();

        _places.Clear();
        _batchVersions.Clear();
        foreach (var write in _batch)
            Stage(write);
        if (_places.Count > 0)
        {
            WriteOut();
            Flush();
            _end.NoteRecords();
            _refusal = null;
            directory.Apply(_places);
            Interlocked.Increment(ref _commits);
            Interlocked.Add(ref _writes, _places.Count);
        }

        if (_batch.Exists(static write => write.Kind == RecordKind.Fence) && _end.Segment.RecordBytes > 0)
            RollOnDemand();
    }

    private void Stage(PendingWrite write)
    {
        if (write.Kind == RecordKind.Fence)
            return;
        if (write.IsCancelled = write.Cancellation.IsCancellationRequested)
            return;

        var current = _batchVersions.TryGetValue(write.Key, out var staged) ? staged : directory.VersionOf(write.Key);
        if (write.ExpectedVersion is { } expected && expected != current)
        {
            write.Conflict = new JournalVersionException(write.Key, expected, current);
            return;
        }

        var isDelete = write.Kind == RecordKind.Delete;
        if (isDelete && current == 0)
            return;

        _places.Add(_writer.Add(_end.Segment, write.Kind, write.Key, write.Value.Span, _nextVersion));
        write.NewVersion = isDelete ? 0 : _nextVersion;
        _batchVersions[write.Key] = write.NewVersion;
        _nextVersion++;
    }

    private void WriteOut()
    {
        var start = _end.Segment.Length;
        try
        {
            _writer.WriteTo(_end.Segment);
        }
        catch (Exception exception)
        {
            _writer.Clear();
            throw TakenBack(start, exception);
        }
    }

    /// <summary>After a failed write, cuts off what may have reached the file; if even that fails, the log is closed to writes.</summary>
    private JournalWriteException TakenBack(long start, Exception cause)
    {
        try
        {
            folder.Files.Truncate(_end.Segment.File, start);
            folder.Files.Flush(_end.Segment.File);
        }
        catch (Exception exception)
        {
            return _fault = Faulted("could not be written, nor put back as it was", new AggregateException(cause, exception));
        }

        LogWriteFailed(cause, _end.Segment.Path);
        return _refusal = new JournalWriteException(
            $"The journal segment '{_end.Segment.Path}' could not be written: {cause.Message} Nothing of this write was kept; " +
            "repeat it once the disk has room again.", _end.Segment.Path, isRefused: true, cause);
    }

    private void Flush()
    {
        var started = time.GetTimestamp();
        try
        {
            folder.Files.Flush(_end.Segment.File);
        }
        catch (Exception exception)
        {
            // A flush that failed once may succeed when repeated although the pages are lost, so there is no second try.
            throw _fault = Faulted("could not be flushed to disk", exception);
        }

        Interlocked.Exchange(ref _lastFlushTicks, time.GetElapsedTime(started).Ticks);
    }

    /// <summary>Begins a new segment; what is in the batch has not touched the disk yet, so after a failure it can be repeated.</summary>
    private void Roll()
    {
        try
        {
            _end.Follow(_nextVersion);
        }
        catch (Exception exception)
        {
            LogRollFailed(exception, _end.Segment.Path);
            throw _refusal = new JournalWriteException(
                $"The journal segment '{_end.Segment.Path}' could not be followed by a new one: {exception.Message} Nothing of this write was kept; " +
                "repeat it once the disk takes writes again.", _end.Segment.Path, isRefused: true, exception);
        }

        _refusal = null;
        segmentSealed();
    }

    /// <summary>Begins a new segment because a write of the batch asks for it. The others are on the disk by now, whatever becomes of that.</summary>
    private void RollOnDemand()
    {
        try
        {
            Roll();
        }
        catch (JournalWriteException failure)
        {
            foreach (var fence in _batch.Where(static write => write.Kind == RecordKind.Fence))
                fence.Failure = failure;
        }
    }

    private void CloseLog()
    {
        if (_fault is not null)
            return;
        try
        {
            _end.Fence(_nextVersion);
        }
        catch (Exception exception)
        {
            LogFenceFailed(exception, _end.Segment.Path);
        }
    }

    private void Acknowledge()
    {
        foreach (var write in _batch)
        {
            if ((write.Failure ?? (Exception?)write.Conflict) is { } exception)
                write.TrySetException(exception);
            else if (write.IsCancelled)
                write.TrySetCanceled(write.Cancellation);
            else
                write.TrySetResult(write.NewVersion);
        }
    }

    private void Fail(JournalWriteException failure)
    {
        foreach (var write in _batch)
            write.TrySetException(failure);
    }

    private JournalWriteException Faulted(string finding, Exception cause)
    {
        LogFaulted(cause, _end.Segment.Path, finding);
        return new JournalWriteException(
            $"The journal segment '{_end.Segment.Path}' {finding}: {cause.Message} No more writes are taken; what was acknowledged is safe. " +
            "Put the disk in order and restart OrleansChat.", _end.Segment.Path, isRefused: false, cause);
    }

    private static JournalWriteException Refused(JournalWriteException fault) => new(
        "The journal takes no more writes since an earlier failure: " + fault.Message, fault.File, isRefused: true, fault);

    [LoggerMessage(1, LogLevel.Error, "A write to journal segment {File} failed and was taken back")]
    private partial void LogWriteFailed(Exception exception, string file);

    [LoggerMessage(2, LogLevel.Critical, "Journal segment {File} {Finding}; the journal takes no more writes")]
    private partial void LogFaulted(Exception exception, string file, string finding);

    [LoggerMessage(3, LogLevel.Warning, "Journal segment {File} could not be closed properly; the next start will check it as after a crash")]
    private partial void LogFenceFailed(Exception exception, string file);

    [LoggerMessage(4, LogLevel.Error, "Journal segment {File} could not be followed by a new one; the next write tries again")]
    private partial void LogRollFailed(Exception exception, string file);
}
