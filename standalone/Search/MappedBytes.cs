using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Standalone.Search;

/// <summary>
/// Bytes in mapped files of up to 64 MiB that nobody else sees. They cost address space and disk, and as much memory as the system has to spare: pages
/// that were looked at are handed back to its file cache from time to time, so that they do not count as this process'.
/// </summary>
internal sealed class MappedBytes(string folder) : IByteStore
{
    private const int FirstSegment = 1 << 20;
    private const int LargestSegment = 64 << 20;
    private const int SegmentShift = 32;

    // A read in a file that the system has in memory brings the pages around it along.
    private const int BroughtByRead = 64 << 10;
    private const int KeptResident = 4 << 20;

    private MappedSegment[] _segments = [];
    private int _used;
    private long _brought;

    /// <inheritdoc/>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        if (_segments.Length == 0 || _segments[^1].Length - _used < bytes.Length)
        {
            var size = _segments.Length == 0 ? FirstSegment : Math.Min(LargestSegment, 2 * _segments[^1].Length);
            Volatile.Write(ref _segments, [.. _segments, MappedSegment.Create(folder, Math.Max(bytes.Length, size))]);
            _used = 0;
        }

        var place = ((long)(_segments.Length - 1) << SegmentShift) | (uint)_used;
        _segments[^1].Write(_used, bytes);
        _used += bytes.Length;
        Count(bytes.Length);
        return place;
    }

    /// <inheritdoc/>
    public void Read(long place, Span<byte> target)
    {
        Volatile.Read(ref _segments)[(int)(place >> SegmentShift)].Read((int)(uint)place, target);
        Count(BroughtByRead + target.Length);
    }

    private void Count(int bytes)
    {
        if (Interlocked.Add(ref _brought, bytes) < KeptResident)
            return;
        Interlocked.Exchange(ref _brought, 0);
        foreach (var segment in Volatile.Read(ref _segments))
            segment.HandBack();
    }
}
