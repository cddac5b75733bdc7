using System.Runtime.InteropServices;
using System.Text;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// Copies what is needed out of sealed segments into a new one, then removes them. Writers meet it only at the key directory's lock,
/// which it takes for a few hundred keys at a time.
/// </summary>
internal sealed class Compaction(SegmentFolder folder, KeyDirectory directory, JournalOptions options)
{
    private const int KeysPerLock = 256;

    // The copy is flushed in small steps, because a file system may make the log's flush wait for a large one.
    private const int FlushedTogether = 4 * 1024 * 1024;

    // What a failure has left to do before anything else: until it is done there may be files that the key directory does not count, and a
    // delete record could be dropped whose key still has a value in one of them.
    private Action? _left;

    /// <summary>
    /// Replaces the first of the sealed segments that <paramref name="select"/> chooses: as many as fit into one new segment.
    /// </summary>
    /// <returns>How many segments were replaced; 0 when there was nothing to do.</returns>
    /// <exception cref="JournalCorruptException">A segment can no longer be read as it was written; it is left alone.</exception>
    public int RunOnce(Func<IReadOnlyList<Segment>, IEnumerable<Segment>> select, CancellationToken cancellation)
    {
        Settle();
        var sources = Choose(select);
        if (sources.Count == 0)
            return 0;

        var copies = new List<(RecordPlace From, int To)>();
        var left = new List<RecordPlace>();
        var target = folder.CreateMerged(baseVersion: 0);
        try
        {
            var writer = new SegmentWriter(folder.Files);
            foreach (var source in sources)
                Copy(source, target, writer, copies, left, cancellation);
            Finish(target, writer);
        }
        catch
        {
            folder.Abandon(target);
            throw;
        }

        Replace(sources, target, copies, left);
        return sources.Count;
    }

    private void Replace(List<Segment> sources, Segment target, List<(RecordPlace, int)> copies, List<RecordPlace> left)
    {
        if (copies.Count > 0)
        {
            _left = () => folder.Withdraw(target);
            folder.Publish(target);
            _left = null;
            Install(target, copies);
        }
        else
        {
            folder.Abandon(target);
        }

        // From here on there is no way back; what fails is done by the next compaction before its own work.
        var paths = sources.ConvertAll(static source => source.Path);
        foreach (var source in sources)
            directory.Remove(source);
        _left = () => Forget(paths, left);
        Settle();
    }

    private void Settle()
    {
        _left?.Invoke();
        _left = null;
    }

    private void Forget(List<string> paths, List<RecordPlace> left)
    {
        folder.Remove(paths);
        foreach (var records in Chunks(left))
            directory.Forget(CollectionsMarshal.AsSpan(left)[records]);
    }

    private List<Segment> Choose(Func<IReadOnlyList<Segment>, IEnumerable<Segment>> select)
    {
        var chosen = new List<Segment>();
        long bytes = 0;
        foreach (var segment in select(directory.Segments()))
        {
            bytes += segment.LiveBytes;
            if (chosen.Count > 0 && bytes > options.SegmentBytes)
                break;
            chosen.Add(segment);
        }

        return chosen;
    }

    private void Copy(
        Segment source, Segment target, SegmentWriter writer, List<(RecordPlace, int)> copies, List<RecordPlace> left, CancellationToken cancellation)
    {
        var reader = new SegmentReader(source.File, source.Salt, source.Length);
        var staleKeys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var offset = reader.Offset; reader.TryRead(out var header, out var record); offset = reader.Offset)
        {
            cancellation.ThrowIfCancellationRequested();
            if (header.Kind == RecordKind.Fence)
                continue;

            var key = Encoding.UTF8.GetString(record.Slice(RecordHeader.Bytes, header.KeyLength));
            var place = new RecordPlace(
                key, header.Version, source.Name.Id, (int)offset, record.Length, header.Kind == RecordKind.Delete);
            if (directory.MustKeep(place, staleKeys.GetValueOrDefault(key)))
            {
                copies.Add((place, writer.AddCopy(target, key, header, record).Offset));
            }
            else
            {
                left.Add(place);
                staleKeys[key] = staleKeys.GetValueOrDefault(key) + 1;
            }

            if (writer.Buffered >= FlushedTogether)
            {
                writer.WriteTo(target);
                folder.Files.Flush(target.File);
            }
        }

        if (!reader.IsAtEnd)
            throw new JournalCorruptException(source.Path, reader.Offset, "a record there fails its checksum");
    }

    private void Finish(Segment target, SegmentWriter writer)
    {
        writer.WriteTo(target);
        writer.Add(target, RecordKind.Fence, "", [], version: 0);
        writer.WriteTo(target);
        folder.Files.Flush(target.File);
    }

    private void Install(Segment target, List<(RecordPlace From, int To)> copies)
    {
        target.IsSealed = true;
        directory.Add(target);
        foreach (var range in Chunks(copies))
            directory.Relocate(CollectionsMarshal.AsSpan(copies)[range], target);
    }

    private static IEnumerable<Range> Chunks<T>(List<T> list)
    {
        for (var start = 0; start < list.Count; start += KeysPerLock)
            yield return start..Math.Min(start + KeysPerLock, list.Count);
    }
}
