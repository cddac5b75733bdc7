using System.Buffers.Binary;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// The fixed part in front of every record; the key (UTF-8) and the value follow it.
/// <code>
/// 0  u32 checksum over everything after it: the rest of this header, the key and the value
/// 4  u32 value length        8  i64 version
/// 16 u32 batch start: where in the file the batch of this record begins
/// 20 u16 key length          22 u8 kind          23 u8 zero
/// </code>
/// All numbers are little-endian.
/// </summary>
/// <remarks>
/// A batch is written only after the one before it was flushed. So a valid record whose batch starts after a damaged place
/// proves that the damaged bytes had been flushed: that is corruption. Without one, the damage is a batch
/// that was never acknowledged: a torn tail.
/// </remarks>
internal readonly record struct RecordHeader(int ValueLength, long Version, int BatchStart, int KeyLength, RecordKind Kind)
{
    public const int Bytes = 24;
    private const int ChecksumBytes = 4;

    public int RecordLength => Bytes + KeyLength + ValueLength;

    /// <summary>Whether the numbers can be those of a record at <paramref name="offset"/>, before its checksum is looked at.</summary>
    public bool IsPlausibleAt(long offset) =>
        Version >= 0 && BatchStart >= 0 && BatchStart <= offset && ValueLength >= 0 && Kind switch
        {
            RecordKind.Put => KeyLength is > 0 and <= JournalOptions.MaxKeyBytes,
            RecordKind.Delete => KeyLength is > 0 and <= JournalOptions.MaxKeyBytes && ValueLength == 0,
            RecordKind.Fence => KeyLength == 0 && ValueLength == 0,
            _ => false,
        };

    /// <summary>Reads the header at the start of <paramref name="source"/>, unchecked.</summary>
    public static RecordHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt16LittleEndian(source[20..]),
        source[23] == 0 ? (RecordKind)source[22] : default);

    /// <summary>Writes the header over the start of <paramref name="record"/>, whose key and value are in place, and signs it.</summary>
    public void Seal(Span<byte> record, uint salt)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], ValueLength);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], BatchStart);
        BinaryPrimitives.WriteUInt16LittleEndian(record[20..], (ushort)KeyLength);
        record[22] = (byte)Kind;
        record[23] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(record, Checksum.Of(salt, record[ChecksumBytes..RecordLength]));
    }

    /// <summary>Whether <paramref name="record"/>, cut to its exact length, is what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record, uint salt) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record) == Checksum.Of(salt, record[ChecksumBytes..]);
}
