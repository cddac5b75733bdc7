using System.Buffers.Binary;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>Reads the bytes of a posting list from slice to slice.</summary>
internal ref struct PostingReader
{
    private readonly PostingBytes _bytes;
    private ReadOnlySpan<byte> _slice;
    private int _size;
    private int _link;
    private int _position;

    public PostingReader(PostingBytes bytes, int first)
    {
        _bytes = bytes;
        Enter(first);
    }

    /// <summary>The next number.</summary>
    public uint Number()
    {
        uint next = Byte();
        if (next < 0x80)
            return next;
        var number = next & 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            next = Byte();
            number |= (next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
    }

    /// <summary>The next byte.</summary>
    public byte Byte()
    {
        if ((uint)_position >= (uint)_slice.Length)
            Enter(_link = BinaryPrimitives.ReadInt32LittleEndian(_bytes.Slice(_link, _size)[^PostingBytes.LinkBytes..]));
        return _slice[_position++];
    }

    private void Enter(int place)
    {
        (_link, _size, _position) = (place, PostingBytes.SizeAfter(_size), 0);
        _slice = place == 0 ? default : _bytes.Slice(place, _size)[..^PostingBytes.LinkBytes];
    }
}
