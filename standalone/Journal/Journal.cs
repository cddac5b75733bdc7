using System.Formats.Tar;
using System.Runtime.CompilerServices;
using System.Text;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// A durable map from keys to values in one folder: an append-only, checksummed log in segments, with the place of every
/// key's newest record in memory. What was acknowledged survives the death of the process, and of the machine if its disk
/// keeps its word about flushes, at any instant.
/// </summary>
/// <remarks>
/// Members are safe to call from any thread. Reads see durable values only: a write becomes visible when it is acknowledged, not before.
/// </remarks>
public sealed partial class Journal : IAsyncDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly JournalOptions _options;
    private readonly FolderLock _lock;
    private readonly KeyDirectory _directory;
    private readonly CommitLoop _commits;
    private readonly CompactionLoop _compaction;
    private int _isDisposed;

    private Journal(
        JournalOptions options, FolderLock folderLock, Recovery.Result found, JournalRecovery recovery, TimeProvider time, ILogger logger)
    {
        _options = options;
        _lock = folderLock;
        _directory = found.Directory;
        Recovery = recovery;
        _compaction = new CompactionLoop(new Compaction(found.Folder, found.Directory, options), options, logger);
        _commits = new CommitLoop(
            found.Active, found.IsFenced, found.NextVersion, options, found.Folder, found.Directory, time, _compaction.Wake, logger);
        _commits.Start();
        _compaction.Start();
    }

    /// <summary>What opening found.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>Bytes of a value at most.</summary>
    public int MaxValueBytes => _options.MaxValueBytes;

    /// <summary>The state of the journal now.</summary>
    public JournalStatistics Statistics
    {
        get
        {
            var (keys, live, garbage, segments) = _directory.Totals();
            return new JournalStatistics(
                keys, live, garbage, segments, _commits.Commits, _commits.Writes, _commits.LastFlush, _commits.QueueDepth, _compaction.Replaced);
        }
    }

    /// <summary>
    /// Opens the journal of a folder, creating it when there is none. Every byte is read and checked first; only a torn tail, whose writes
    /// were never acknowledged, is cut off, and said in <see cref="Recovery"/> and the log.
    /// </summary>
    /// <exception cref="JournalLockedException">Another journal has the folder open.</exception>
    /// <exception cref="JournalCorruptException">A segment is damaged; nothing was changed.</exception>
    /// <exception cref="JournalAccessException">The folder or a file cannot be created, read or written.</exception>
    public static Task<Journal> OpenAsync(JournalOptions options, TimeProvider time, ILogger<Journal> logger, CancellationToken ct) =>
        OpenAsync(options, time, logger, new DiskFiles(), ct);

    internal static Task<Journal> OpenAsync(
        JournalOptions options, TimeProvider time, ILogger<Journal> logger, IJournalFiles files, CancellationToken ct) =>
        Task.Run(() => Open(options, time, logger, files, ct), ct);

    /// <summary>The durable value of a key, or null when it has none.</summary>
    /// <remarks>The bytes are checked once more as they are read.</remarks>
    /// <exception cref="JournalCorruptException">The record on disk is no longer what was written.</exception>
    public ValueTask<JournalValue?> ReadAsync(string key, CancellationToken ct)
    {
        Check(key);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        ct.ThrowIfCancellationRequested();
        // Linux has no better asynchronous file read than a thread that blocks, so this one reads at once.
        return ValueTask.FromResult(Read(key));
    }

    /// <summary>Sets a key's value. Completes once it is durable.</summary>
    /// <param name="key">1 to <see cref="JournalOptions.MaxKeyBytes"/> bytes of UTF-8.</param>
    /// <param name="value">The value; it must not change until the call completes.</param>
    /// <param name="expectedVersion">The version the key must have, 0 for "must not exist", null for any.</param>
    /// <param name="ct">Honoured until the write joins a batch; an <see cref="OperationCanceledException"/> means nothing was written.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="JournalVersionException">The key has another version, counting writes before this one.</exception>
    /// <exception cref="JournalWriteException">The disk failed; the write is not acknowledged.</exception>
    public ValueTask<long> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedVersion, CancellationToken ct)
    {
        Check(key);
        if (value.Length > _options.MaxValueBytes)
            throw new ArgumentException($"The value has {value.Length} bytes; at most {_options.MaxValueBytes} are allowed.", nameof(value));
        return new(Write(RecordKind.Put, key, value, expectedVersion, ct));
    }

    /// <summary>Removes a key's value, if it has one. Completes once that is durable.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the key must have, 0 for "must not exist", null for any.</param>
    /// <param name="ct">As in <see cref="PutAsync"/>.</param>
    /// <exception cref="JournalVersionException">The key has another version, counting writes before this one.</exception>
    /// <exception cref="JournalWriteException">The disk failed; the delete is not acknowledged.</exception>
    public ValueTask DeleteAsync(string key, long? expectedVersion, CancellationToken ct)
    {
        Check(key);
        return new(Write(RecordKind.Delete, key, default, expectedVersion, ct));
    }

    /// <summary>The failure since which nothing is written, until the journal is opened anew; null while all is well.</summary>
    public JournalWriteException? Fault => _commits.Fault;

    /// <summary>The failure of the newest write, as when the disk is full; null once one has worked, and while all is well.</summary>
    public JournalWriteException? Refusal => _commits.Refusal;

    /// <summary>The keys that begin with <paramref name="prefix"/> and have a durable value, in ordinal order.</summary>
    public IReadOnlyList<string> Keys(string prefix) => _directory.Keys(prefix);

    /// <summary>
    /// All values whose keys begin with <paramref name="prefix"/>, in the order in which they lie on disk. Each value is the newest at the
    /// moment it is read; keys created meanwhile are not included.
    /// </summary>
    public async IAsyncEnumerable<KeyValuePair<string, JournalValue>> ReadAllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var key in _directory.KeysByPlace(prefix))
        {
            if (await ReadAsync(key, ct) is { } value)
                yield return new(key, value);
        }
    }

    /// <summary>
    /// Gives the room of all old records back: seals the current segment and rewrites every segment that holds any. Writers and
    /// readers go on meanwhile. It also happens by itself, see <see cref="JournalOptions.CompactionGarbageRatio"/>.
    /// </summary>
    public async Task CompactAsync(CancellationToken ct)
    {
        await Write(RecordKind.Fence, "", default, null, ct);
        await _compaction.CompactAsync(CompactionPolicy.WithGarbage, ct);
    }

    /// <summary>
    /// Writes all segments as a tar archive: everything acknowledged before the call, in a form that <see cref="OpenAsync(JournalOptions, TimeProvider, ILogger{Journal}, CancellationToken)"/>
    /// takes as it is. Writers go on meanwhile; compaction waits.
    /// </summary>
    /// <param name="destination">Where the archive goes.</param>
    /// <param name="ct">Gives the copy up.</param>
    /// <returns>A task.</returns>
    /// <exception cref="JournalWriteException">The log cannot be ended at this point.</exception>
    public async Task WriteSnapshotAsync(Stream destination, CancellationToken ct)
    {
        using var hold = await _compaction.HoldAsync(ct);

        // Everything up to here is in segments that nobody appends to any more, so what is copied is the log up to one moment.
        await Write(RecordKind.Fence, "", default, null, ct);
        var segments = _directory.LeaseSealed();
        try
        {
            await using var archive = new TarWriter(destination, TarEntryFormat.Pax, leaveOpen: true);
            foreach (var segment in segments)
            {
                await using var bytes = new SegmentBytes(segment, segment.Length);
                await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, segment.Name.FileName) { DataStream = bytes }, ct);
            }
        }
        finally
        {
            foreach (var segment in segments)
                segment.Release();
        }
    }

    /// <summary>Commits what is queued, ends the log properly and frees the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _commits.StopAsync();
        await _compaction.StopAsync();
        foreach (var segment in _directory.Segments())
            _directory.Remove(segment);
        _compaction.Dispose();
        _lock.Dispose();
    }

    private static Journal Open(
        JournalOptions options, TimeProvider time, ILogger<Journal> logger, IJournalFiles files, CancellationToken ct)
    {
        var folder = Path.GetFullPath(options.DataDirectory);
        FolderLock? folderLock = null;
        try
        {
            var started = time.GetTimestamp();
            files.CreateFolder(folder);
            folderLock = FolderLock.Take(folder);
            var found = new Recovery(folder, files, logger).Run(ct);
            var recovery = new JournalRecovery(
                found.Directory.Totals().Keys, found.Bytes, found.Segments, found.TornTail, time.GetElapsedTime(started));
            LogOpened(logger, folder, recovery.Keys, recovery.Bytes, recovery.Segments, recovery.Elapsed.TotalMilliseconds);
            return new Journal(options, folderLock, found, recovery, time, logger);
        }
        catch (Exception exception)
        {
            folderLock?.Dispose();
            var cause = exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception;
            if (cause is IOException or UnauthorizedAccessException)
                throw new JournalAccessException(folder, cause);
            if (cause != exception)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private JournalValue? Read(string key)
    {
        if (_directory.Lease(key) is not { } lease)
            return null;

        using (lease)
        {
            var record = new byte[lease.Entry.Length];
            var read = RandomAccess.Read(lease.Segment.File, record, lease.Entry.Offset);
            if (read != record.Length || !RecordHeader.IsIntact(record, lease.Segment.Salt))
                throw new JournalCorruptException(lease.Segment.Path, lease.Entry.Offset, "the record there fails its checksum");
            var valueLength = RecordHeader.Read(record).ValueLength;
            return new JournalValue(record.AsMemory(record.Length - valueLength), lease.Entry.Version);
        }
    }

    private Task<long> Write(RecordKind kind, string key, ReadOnlyMemory<byte> value, long? expectedVersion, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return _commits.Enqueue(new PendingWrite(kind, key, value, expectedVersion, ct));
    }

    private static void Check(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (StrictUtf8.GetByteCount(key) > JournalOptions.MaxKeyBytes)
            throw new ArgumentException($"The key has more than {JournalOptions.MaxKeyBytes} bytes of UTF-8.", nameof(key));
    }

    [LoggerMessage(30, LogLevel.Information,
        "Opened the journal in {Folder}: {Records} records, {Bytes} bytes in {Segments} segments, checked in {Milliseconds:F0} ms")]
    private static partial void LogOpened(ILogger logger, string folder, int records, long bytes, int segments, double milliseconds);
}
