using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where there is one.
/// </summary>
internal static class Checksum
{
    /// <summary>The checksum of <paramref name="bytes"/>, starting from <paramref name="seed"/>.</summary>
    /// <remarks>The seed differs between segments, so a record copied from another file, or left over on a reused disk block, fails.</remarks>
    public static uint Of(uint seed, ReadOnlySpan<byte> bytes)
    {
        var crc = ~seed;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
