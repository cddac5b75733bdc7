using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>Reads a segment's records one after the other in large blocks, checking each.</summary>
internal sealed class SegmentReader(SafeFileHandle file, uint salt, long length)
{
    private const int BlockBytes = 1024 * 1024;

    private byte[] _block = new byte[BlockBytes];
    private int _start;
    private int _end;

    /// <summary>Where the next record begins; after a failed <see cref="TryRead"/>, where the damage is.</summary>
    public long Offset { get; private set; } = SegmentHeader.Bytes;

    /// <summary>Whether every byte was read and found good.</summary>
    public bool IsAtEnd => Offset == length;

    /// <summary>Reads the next record; false at the end of the file and at a damaged record.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="record">All its bytes; valid until the next call.</param>
    public bool TryRead(out RecordHeader header, out ReadOnlySpan<byte> record)
    {
        header = default;
        record = default;
        if (!TryFill(RecordHeader.Bytes))
            return false;

        header = RecordHeader.Read(_block.AsSpan(_start));
        if (!header.IsPlausibleAt(Offset) || header.ValueLength > length - Offset || !TryFill(header.RecordLength))
            return false;

        record = _block.AsSpan(_start, header.RecordLength);
        if (!RecordHeader.IsIntact(record, salt))
            return false;

        _start += header.RecordLength;
        Offset += header.RecordLength;
        return true;
    }

    private bool TryFill(int wanted)
    {
        if (_end - _start >= wanted)
            return true;
        if (length - Offset < wanted)
            return false;

        _block.AsSpan(_start, _end - _start).CopyTo(_block);
        _end -= _start;
        _start = 0;
        if (_block.Length < wanted)
            Array.Resize(ref _block, wanted);
        while (_end < wanted)
        {
            var read = RandomAccess.Read(file, _block.AsSpan(_end), Offset + _end);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
