using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// Every key and the place of its newest durable record, in memory (the "keydir" of Sheehy and Smith, "Bitcask: A Log-Structured
/// Hash Table for Fast Key/Value Data", 2010), and which bytes of each segment are still needed.
/// </summary>
internal sealed class KeyDirectory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Segment> _segments = [];
    private SortedSet<string> _keys = new(StringComparer.Ordinal);

    public void Add(Segment segment)
    {
        lock (_gate)
            _segments.Add(segment.Name.Id, segment);
    }

    public void Seal(Segment segment)
    {
        lock (_gate)
            segment.IsSealed = true;
    }

    /// <summary>Takes a segment out; readers that already use it go on.</summary>
    public void Remove(Segment segment)
    {
        lock (_gate)
            _segments.Remove(segment.Name.Id);
        segment.Release();
    }

    public IReadOnlyList<Segment> Segments()
    {
        lock (_gate)
            return [.. _segments.Values];
    }

    /// <summary>The segments to which nothing is appended any more, each with a use of it, to be released.</summary>
    public IReadOnlyList<Segment> LeaseSealed()
    {
        lock (_gate)
        {
            var leased = _segments.Values.Where(static segment => segment.IsSealed).OrderBy(static segment => segment.Name.Id).ToList();
            leased.ForEach(static segment => segment.Acquire());
            return leased;
        }
    }

    /// <summary>Takes up records found on disk, in any order; <see cref="FinishLoading"/> follows the last ones.</summary>
    public void Load(List<RecordPlace> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, record.Key, out var exists);
                if (!exists)
                    entry = record.ToEntry(stale: 0);
                else if (entry.Version < record.Version)
                    entry = record.ToEntry(entry.Stale + 1);
                else
                    entry = entry with { Stale = entry.Stale + 1 };
                _segments[record.SegmentId].RecordBytes += record.Length;
            }
        }
    }

    public void FinishLoading()
    {
        lock (_gate)
        {
            _keys = new SortedSet<string>(_entries.Where(pair => !pair.Value.IsDeleted).Select(pair => pair.Key), StringComparer.Ordinal);
            foreach (var entry in _entries.Values)
                CountLive(entry, 1);
        }
    }

    /// <summary>The version of a key's durable value; 0 when it has none.</summary>
    public long VersionOf(string key)
    {
        lock (_gate)
            return _entries.TryGetValue(key, out var entry) && !entry.IsDeleted ? entry.Version : 0;
    }

    public ReadLease? Lease(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.IsDeleted)
                return null;
            // A key always points into a segment, until the journal is closed.
            ObjectDisposedException.ThrowIf(!_segments.TryGetValue(entry.SegmentId, out var segment), typeof(Journal));
            segment.Acquire();
            return new ReadLease(segment, entry);
        }
    }

    /// <summary>The keys that begin with a prefix, in ordinal order.</summary>
    public List<string> Keys(string prefix)
    {
        lock (_gate)
        {
            if (prefix.Length == 0)
                return [.. _keys];

            // No string that begins with the prefix sorts after the prefix with its last character raised by one.
            var end = prefix[^1] == char.MaxValue ? _keys.Max : prefix[..^1] + (char)(prefix[^1] + 1);
            return end is null || string.CompareOrdinal(prefix, end) > 0
                ? []
                : [.. _keys.GetViewBetween(prefix, end).Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
        }
    }

    /// <summary>The keys that begin with a prefix, in the order of their places on disk.</summary>
    public List<string> KeysByPlace(string prefix)
    {
        var keys = Keys(prefix);
        var places = new List<(int SegmentId, int Offset, string Key)>(keys.Count);
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_entries.TryGetValue(key, out var entry))
                    places.Add((entry.SegmentId, entry.Offset, key));
            }
        }

        places.Sort(static (a, b) => a.SegmentId != b.SegmentId ? a.SegmentId.CompareTo(b.SegmentId) : a.Offset.CompareTo(b.Offset));
        return places.ConvertAll(static place => place.Key);
    }

    /// <summary>Makes the records of a batch that is now durable visible.</summary>
    public void Apply(List<RecordPlace> batch)
    {
        lock (_gate)
        {
            foreach (var record in batch)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, record.Key, out var exists);
                if (exists)
                    CountLive(entry, -1);
                if (record.IsDelete)
                    _keys.Remove(record.Key);
                else if (!exists || entry.IsDeleted)
                    _keys.Add(record.Key);
                entry = record.ToEntry(exists ? entry.Stale + 1 : 0);
                _segments[record.SegmentId].RecordBytes += record.Length;
                CountLive(entry, 1);
            }
        }
    }

    /// <summary>Whether compaction must carry a record over.</summary>
    /// <param name="record">The record.</param>
    /// <param name="staleInSameSegment">
    /// How many stale records of the key its own segment holds. If those are the only ones, a delete record may go: it and they
    /// vanish together with the file.
    /// </param>
    public bool MustKeep(RecordPlace record, int staleInSameSegment)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(record.Key, out var entry)
                && entry.IsAt(record.SegmentId, record.Offset)
                && (!entry.IsDeleted || entry.Stale > staleInSameSegment);
        }
    }

    /// <summary>Points the keys of copied records to their copies, unless a newer record came meanwhile.</summary>
    public void Relocate(ReadOnlySpan<(RecordPlace From, int To)> copies, Segment target)
    {
        lock (_gate)
        {
            foreach (var (from, to) in copies)
            {
                target.RecordBytes += from.Length;
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, from.Key);
                if (Unsafe.IsNullRef(ref entry) || !entry.IsAt(from.SegmentId, from.Offset))
                    continue;
                CountLive(entry, -1);
                entry = entry with { SegmentId = target.Name.Id, Offset = to };
                CountLive(entry, 1);
            }
        }
    }

    /// <summary>Notes that records which were not carried over are gone from the disk; in the order in which they were there.</summary>
    public void Forget(ReadOnlySpan<RecordPlace> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                if (!_entries.TryGetValue(record.Key, out var entry))
                    continue;
                CountLive(entry, -1);
                if (entry.IsAt(record.SegmentId, record.Offset))
                {
                    _entries.Remove(record.Key);
                    continue;
                }

                entry = entry with { Stale = entry.Stale - 1 };
                _entries[record.Key] = entry;
                CountLive(entry, 1);
            }
        }
    }

    public (int Keys, long LiveBytes, long GarbageBytes, int Segments) Totals()
    {
        lock (_gate)
            return (_keys.Count, _segments.Values.Sum(s => s.LiveBytes), _segments.Values.Sum(s => s.GarbageBytes), _segments.Count);
    }

    private void CountLive(in KeyEntry entry, int sign)
    {
        if (entry.IsNeeded && _segments.TryGetValue(entry.SegmentId, out var segment))
            segment.LiveBytes += sign * entry.Length;
    }
}
