using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansChat.Core.Sessions.Paging;

/// <summary>
/// A UUIDv7 (RFC 9562, section 5.7) that knows where its item is stored, so that no index has to grow with the log: 48 bits of Unix
/// milliseconds, 12 random bits, then in the 62 bits of <c>rand_b</c> 24 bits of page, 14 bits of slot and 24 random bits.
/// </summary>
public static class PagedId
{
    private const int SlotBits = 14;
    private const int RandomBits = 24;
    private const int MaxPage = (1 << 24) - 1;
    private const int MaxSlot = (1 << SlotBits) - 1;
    private const ulong Variant = 0b10UL << 62;

    /// <summary>A new id.</summary>
    /// <param name="now">When the item is made.</param>
    /// <param name="position">Where it is stored: page 0 to 16,777,215, slot 0 to 16,383.</param>
    /// <returns>The id in its usual form.</returns>
    public static string New(DateTimeOffset now, PagePosition position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position.Page, MaxPage);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position.Slot, MaxSlot);

        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        var first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        var place = ((ulong)position.Page << SlotBits) | (uint)position.Slot;
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)now.ToUnixTimeMilliseconds() << 16) | 0x7000 | (first & 0xFFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Variant | (place << RandomBits) | (second & ((1 << RandomBits) - 1)));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Where the item of an id would be. The item there has to be compared: an id can be made up.</summary>
    /// <param name="id">The id.</param>
    /// <param name="position">The position.</param>
    /// <returns>Whether it is a UUIDv7.</returns>
    public static bool TryLocate(string id, out PagePosition position)
    {
        position = default;
        if (!Guid.TryParseExact(id, "D", out var guid) || guid.Version != 7)
            return false;

        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var place = (BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & ~(0b11UL << 62)) >> RandomBits;
        position = new PagePosition((int)(place >> SlotBits), (int)(place & MaxSlot));
        return true;
    }
}
