using System.Text;

namespace OrleansChat.Standalone.Journal;

/// <summary>Encodes records into one buffer, to be written to the end of a segment with one call.</summary>
internal sealed class SegmentWriter(IJournalFiles files)
{
    private const int KeptBytes = 8 * 1024 * 1024;
    private byte[] _buffer = new byte[64 * 1024];

    public int Buffered { get; private set; }

    /// <summary>Adds a record whose place in the file will be <paramref name="segment"/>'s end plus what is already buffered.</summary>
    public RecordPlace Add(Segment segment, RecordKind kind, string key, ReadOnlySpan<byte> value, long version)
    {
        var keyLength = Encoding.UTF8.GetByteCount(key);
        var header = new RecordHeader(value.Length, version, (int)segment.Length, keyLength, kind);
        var record = Reserve(header.RecordLength);
        Encoding.UTF8.GetBytes(key, record[RecordHeader.Bytes..]);
        value.CopyTo(record[(RecordHeader.Bytes + keyLength)..]);
        header.Seal(record, segment.Salt);
        return Place(segment, key, header, record.Length);
    }

    /// <summary>Adds a copy of a record of another segment.</summary>
    public RecordPlace AddCopy(Segment segment, string key, RecordHeader header, ReadOnlySpan<byte> source)
    {
        var record = Reserve(source.Length);
        source.CopyTo(record);
        (header with { BatchStart = (int)segment.Length }).Seal(record, segment.Salt);
        return Place(segment, key, header, record.Length);
    }

    /// <summary>Writes what is buffered; the segment's length grows only when all of it was taken.</summary>
    public void WriteTo(Segment segment)
    {
        files.Write(segment.File, _buffer.AsSpan(0, Buffered), segment.Length);
        segment.Length += Buffered;
        Clear();
    }

    /// <summary>Forgets what is buffered.</summary>
    public void Clear()
    {
        Buffered = 0;
        if (_buffer.Length > KeptBytes)
            _buffer = new byte[KeptBytes];
    }

    private Span<byte> Reserve(int length)
    {
        if (_buffer.Length - Buffered < length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Buffered + length));
        var span = _buffer.AsSpan(Buffered, length);
        Buffered += length;
        return span;
    }

    private RecordPlace Place(Segment segment, string key, RecordHeader header, int length) =>
        new(key, header.Version, segment.Name.Id, (int)segment.Length + Buffered - length, length, header.Kind == RecordKind.Delete);
}
