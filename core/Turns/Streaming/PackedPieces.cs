using System.Runtime.InteropServices;
using System.Text;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>
/// Pieces of text, one after the other, in a fraction of the memory that as many strings take: a piece is its length and its characters, a byte each where all of
/// them are Latin-1, two bytes each elsewhere. Any string comes back as it was, also one that is no valid Unicode. Not safe for concurrent use.
/// </summary>
internal sealed class PackedPieces
{
    private const int LeastSegment = 64;
    private const int LargestSegment = 4_096;

    // A length as a base-128 varint, whose lowest bit says whether the characters are wide.
    private const int LongestHead = 5;

    private readonly List<Segment> _segments = [];
    private int _size;

    private int _length;

    /// <summary>Where the next piece will begin.</summary>
    public PiecesEnd End => new(_segments.Count == 0 ? default : new PiecePlace(_segments.Count - 1, _segments[^1].Used), _length);

    /// <summary>Adds a piece.</summary>
    /// <param name="piece">The piece; may be empty.</param>
    public void Append(ReadOnlySpan<char> piece)
    {
        var isWide = piece.ContainsAnyExceptInRange('\0', '\u00FF');
        var bytes = isWide ? piece.Length * sizeof(char) : piece.Length;
        ref var segment = ref Room(LongestHead + bytes);
        for (var head = ((uint)piece.Length << 1) | (isWide ? 1u : 0); ; head >>= 7)
        {
            segment.Bytes[segment.Used++] = (byte)(head > 0x7F ? head | 0x80 : head);
            if (head <= 0x7F)
                break;
        }

        var target = segment.Bytes.AsSpan(segment.Used, bytes);
        if (isWide)
            MemoryMarshal.AsBytes(piece).CopyTo(target);
        else
            Encoding.Latin1.GetBytes(piece, target);
        segment.Used += bytes;
        _length += piece.Length;
    }

    /// <summary>The piece at a place, which moves on behind it.</summary>
    /// <param name="place">Where a piece begins that is there.</param>
    /// <returns>The piece.</returns>
    public string Read(ref PiecePlace place)
    {
        var piece = Next(ref place);
        return piece.IsWide ? new string(MemoryMarshal.Cast<byte, char>(piece.Bytes)) : Encoding.Latin1.GetString(piece.Bytes);
    }

    /// <summary>Moves on behind the piece at a place.</summary>
    /// <param name="place">Where a piece begins that is there.</param>
    public void Skip(ref PiecePlace place) => Next(ref place);

    /// <summary>All pieces as one text.</summary>
    public override string ToString() => ToString(default);

    /// <summary>All pieces behind a place as one text.</summary>
    /// <param name="after">What was once the end.</param>
    /// <returns>The text.</returns>
    public string ToString(PiecesEnd after) => string.Create(_length - after.Length, (Pieces: this, after.Place), static (text, from) =>
    {
        var place = from.Place;
        while (text.Length > 0)
        {
            var piece = from.Pieces.Next(ref place);
            if (piece.IsWide)
                piece.Bytes.CopyTo(MemoryMarshal.AsBytes(text));
            else
                Encoding.Latin1.GetChars(piece.Bytes, text);
            text = text[piece.Length..];
        }
    });

    private Piece Next(ref PiecePlace place)
    {
        // A segment ends where the next piece had no room.
        if (place.Offset == _segments[place.Segment].Used)
            place = new PiecePlace(place.Segment + 1, 0);
        var (bytes, offset) = (_segments[place.Segment].Bytes, place.Offset);
        var head = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var read = bytes[offset++];
            head |= (read & 0x7Fu) << shift;
            if (read < 0x80)
                break;
        }

        var isWide = (head & 1) != 0;
        var length = (int)(head >> 1) * (isWide ? sizeof(char) : 1);
        place = new PiecePlace(place.Segment, offset + length);
        return new Piece(bytes.AsSpan(offset, length), isWide);
    }

    // Segments grow with half of what there is, so that little of the last one is empty.
    private ref Segment Room(int bytes)
    {
        if (_segments.Count == 0 || _segments[^1].Bytes.Length - _segments[^1].Used < bytes)
        {
            var size = Math.Max(bytes, Math.Clamp(_size / 2, LeastSegment, LargestSegment));
            _segments.Add(new Segment { Bytes = new byte[size] });
            _size += size;
        }

        return ref CollectionsMarshal.AsSpan(_segments)[^1];
    }

    private struct Segment
    {
        public byte[] Bytes;
        public int Used;
    }

    private readonly ref struct Piece(ReadOnlySpan<byte> bytes, bool isWide)
    {
        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        public bool IsWide { get; } = isWide;

        public int Length => IsWide ? Bytes.Length / sizeof(char) : Bytes.Length;
    }
}
