using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// Reads and checks every byte of a folder's segments, several at a time, and fills the key directory. Nothing in the folder is changed
/// before all of it was found good.
/// </summary>
internal sealed partial class Recovery(string folder, IJournalFiles files, ILogger logger)
{
    private const int MaxParallelSegments = 4;

    private readonly KeyDirectory _directory = new();
    private readonly Lock _gate = new();
    private readonly List<SafeFileHandle> _opened = [];
    private long _nextVersion = 1;
    private long _bytes;
    private Tail? _tail;

    /// <summary>What writing goes on from.</summary>
    public sealed record Result(
        KeyDirectory Directory, SegmentFolder Folder, Segment Active, bool IsFenced, long NextVersion, long Bytes, int Segments, JournalTornTail? TornTail);

    private sealed record Tail(Segment? Segment, SegmentName Name, bool IsFenced, long End, long Length);

    /// <exception cref="JournalCorruptException">Flushed bytes are not what was written.</exception>
    public Result Run(CancellationToken cancellation)
    {
        try
        {
            return Recover(cancellation);
        }
        catch
        {
            _opened.ForEach(static file => file.Dispose());
            throw;
        }
    }

    private Result Recover(CancellationToken cancellation)
    {
        var paths = Directory.GetFiles(folder);
        var names = Array.FindAll(Array.ConvertAll(paths, SegmentName.TryParse), static name => name is not null)
            .Select(static name => name!.Value).OrderBy(static name => name.Id).ToList();
        var lastLog = names.FindLastIndex(static name => !name.IsMerged) is >= 0 and var index ? names[index] : (SegmentName?)null;
        var segments = new SegmentFolder(folder, files, names.Count == 0 ? 0 : names[^1].Id);

        Parallel.ForEach(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelSegments, CancellationToken = cancellation },
            name => Check(segments.PathOf(name), name, isLastLog: name == lastLog, cancellation));

        _directory.FinishLoading();
        segments.Remove(paths.Where(static path => path.EndsWith(SegmentName.UnfinishedExtension, StringComparison.Ordinal)));
        var tornTail = CutTail(segments);
        var active = _tail?.Segment;
        if (active is null)
        {
            active = segments.CreateLog(_nextVersion);
            _directory.Add(active);
        }

        return new Result(_directory, segments, active, _tail?.IsFenced ?? true, _nextVersion, _bytes, names.Count, tornTail);
    }

    private void Check(string path, SegmentName name, bool isLastLog, CancellationToken cancellation)
    {
        var file = files.Open(path, writable: isLastLog);
        lock (_gate)
            _opened.Add(file);
        var length = RandomAccess.GetLength(file);
        Span<byte> headerBytes = stackalloc byte[SegmentHeader.Bytes];
        var read = RandomAccess.Read(file, headerBytes, 0);
        if (SegmentHeader.TryRead(headerBytes[..read]) is not { } header || header.Id != name.Id)
        {
            // The header is flushed before the first record is written; a file that ends with it may be torn there.
            if (!isLastLog || length > SegmentHeader.Bytes)
                throw new JournalCorruptException(path, 0, "its header is not one that this version writes");
            _tail = new Tail(null, name, true, 0, length);
            return;
        }

        var segment = new Segment(name, path, file, header.Salt, length) { IsSealed = !isLastLog };
        _directory.Add(segment);
        var reader = new SegmentReader(file, header.Salt, length);
        var isFenced = LoadRecords(segment, reader, Math.Max(header.BaseVersion - 1, 0), cancellation);
        if (isLastLog && !reader.IsAtEnd)
        {
            if (TailInspection.WasFlushed(file, header.Salt, reader.Offset, length))
                throw new JournalCorruptException(path, reader.Offset, "a record there fails its checksum, and later records do not");
            _tail = new Tail(segment, name, isFenced, reader.Offset, length);
        }
        else if (!reader.IsAtEnd)
        {
            throw new JournalCorruptException(path, reader.Offset, "a record there fails its checksum");
        }
        else if (isLastLog)
        {
            _tail = new Tail(segment, name, isFenced, length, length);
        }
        else if (!isFenced || length == SegmentHeader.Bytes)
        {
            throw new JournalCorruptException(path, length, "the record that ends a complete segment is missing");
        }
    }

    private bool LoadRecords(Segment segment, SegmentReader reader, long highest, CancellationToken cancellation)
    {
        const int LoadedTogether = 4096;
        var isFenced = true;
        var records = new List<RecordPlace>();
        for (var offset = reader.Offset; reader.TryRead(out var header, out var record); offset = reader.Offset)
        {
            highest = Math.Max(highest, header.Version);
            isFenced = header.Kind == RecordKind.Fence;
            if (!isFenced)
            {
                var key = Encoding.UTF8.GetString(record.Slice(RecordHeader.Bytes, header.KeyLength));
                records.Add(new RecordPlace(
                    key, header.Version, segment.Name.Id, (int)offset, record.Length, header.Kind == RecordKind.Delete));
            }

            if (records.Count == LoadedTogether)
            {
                cancellation.ThrowIfCancellationRequested();
                _directory.Load(records);
                records.Clear();
            }
        }

        _directory.Load(records);
        lock (_gate)
        {
            _nextVersion = Math.Max(_nextVersion, highest + 1);
            _bytes += reader.Offset;
        }

        return isFenced;
    }

    /// <summary>
    /// Cuts what is torn off the newest log. It is flushed in any case: records that were written but not flushed when the process died
    /// are about to become readable, and so must be durable.
    /// </summary>
    private JournalTornTail? CutTail(SegmentFolder segments)
    {
        if (_tail is not { } tail)
            return null;

        var path = segments.PathOf(tail.Name);
        if (tail.Segment is not { } segment)
        {
            segments.Remove([path]);
        }
        else
        {
            if (tail.End < tail.Length)
                files.Truncate(segment.File, tail.End);
            files.Flush(segment.File);
            segment.Length = tail.End;
        }

        if (tail.End == tail.Length)
            return null;
        LogTornTail(path, tail.End, tail.Length - tail.End);
        return new JournalTornTail(path, tail.End, tail.Length - tail.End);
    }

    [LoggerMessage(10, LogLevel.Warning,
        "Cut a torn tail off journal segment {File} at byte {Offset}: {Bytes} bytes of writes that were never acknowledged")]
    private partial void LogTornTail(string file, long offset, long bytes);
}
