using System.Buffers.Binary;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// The first bytes of every segment: 8 bytes of magic with the format's version, u32 id, u32 salt, i64 base version, u32 zero,
/// u32 checksum over the 28 bytes before it.
/// </summary>
/// <param name="Id">The segment's id, as in its name.</param>
/// <param name="Salt">The seed of this segment's checksums; random.</param>
/// <param name="BaseVersion">
/// The next version when the segment was begun. It keeps versions from being used twice after compaction has dropped the
/// records that carried the highest ones.
/// </param>
internal readonly record struct SegmentHeader(int Id, uint Salt, long BaseVersion)
{
    public const int Bytes = 32;
    private const int SignedBytes = 28;

    private static ReadOnlySpan<byte> Magic => "OCJRNL01"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Id);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Salt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), BaseVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SignedBytes), Checksum.Of(0, bytes.AsSpan(0, SignedBytes)));
        return bytes;
    }

    /// <summary>Reads a header; null when the bytes are not one of this format.</summary>
    public static SegmentHeader? TryRead(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Bytes
        && bytes.StartsWith(Magic)
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[SignedBytes..]) == Checksum.Of(0, bytes[..SignedBytes])
            ? new SegmentHeader(
                BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]))
            : null;
}
