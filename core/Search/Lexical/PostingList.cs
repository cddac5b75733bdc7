using System.Buffers.Binary;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>
/// The passages that contain one term: ascending slots with how often the term occurs. A posting is the distance to the slot before, seven bits a byte,
/// and only where the term occurs more than once a further byte: one to two bytes for most. One writer appends; readers see a consistent
/// prefix, of which they use the slots of their snapshot.
/// </summary>
internal sealed class PostingList
{
    /// <summary>Slots from this on do not fit.</summary>
    public const int MaxSlots = 1 << 24;

    // BM25 is flat long before 255 repetitions: with k1 = 0.9 the 255th adds less than 0.002 % of a term's score.
    private const byte MaxFrequency = 255;
    private const int FrequencyBits = 8;

    private int _first;
    private int _slice;
    private int _size;
    private int _used;
    private int _lastSlot = -1;
    private int _pendingSlot = -1;
    private byte _pendingFrequency;
    private int _count;

    /// <summary>How many postings there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one occurrence in a slot, for <see cref="Settle"/>.</summary>
    public void Add(int slot)
    {
        if (_pendingSlot != slot)
            (_pendingSlot, _pendingFrequency) = (slot, 0);
        if (_pendingFrequency < MaxFrequency)
            _pendingFrequency++;
    }

    /// <summary>Appends the posting of the occurrences counted; nothing once that is done.</summary>
    public void Settle(PostingBytes bytes)
    {
        if (_pendingFrequency > 0)
            Append(bytes, _pendingSlot, _pendingFrequency);
        _pendingFrequency = 0;
    }

    /// <summary>Appends a posting with a known frequency; the slot is higher than every slot before.</summary>
    public void Append(PostingBytes bytes, int slot, uint frequency)
    {
        var rest = (uint)(slot - _lastSlot) << 1 | (frequency > 1 ? 1u : 0);
        for (; rest >= 0x80; rest >>= 7)
            Append(bytes, (byte)(rest | 0x80));
        Append(bytes, (byte)rest);
        if (frequency > 1)
            Append(bytes, (byte)frequency);
        _lastSlot = slot;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Reads the postings of the slots below <paramref name="slotCount"/>.</summary>
    /// <param name="bytes">The list's room.</param>
    /// <param name="slotCount">Where the snapshot ends.</param>
    /// <param name="target">At least <see cref="Count"/> long, as it was before the call.</param>
    /// <returns>How many there are.</returns>
    public int Read(PostingBytes bytes, int slotCount, Span<uint> target)
    {
        var reader = new PostingReader(bytes, _first);
        var slot = -1;
        for (var i = 0; i < target.Length; i++)
        {
            var head = reader.Number();
            slot += (int)(head >> 1);
            var frequency = (head & 1) == 0 ? 1u : reader.Byte();
            if (slot >= slotCount)
                return i;
            target[i] = ((uint)slot << FrequencyBits) | frequency;
        }

        return target.Length;
    }

    /// <summary>The slot of a posting.</summary>
    public static int SlotOf(uint posting) => (int)(posting >> FrequencyBits);

    /// <summary>How often the term occurs, at most 255.</summary>
    public static uint FrequencyOf(uint posting) => posting & MaxFrequency;

    private void Append(PostingBytes bytes, byte next)
    {
        if (_used == _size - PostingBytes.LinkBytes || _size == 0)
        {
            var size = PostingBytes.SizeAfter(_size);
            var slice = bytes.Take(size);
            if (_size == 0)
                _first = slice;
            else
                BinaryPrimitives.WriteInt32LittleEndian(bytes.Slice(_slice, _size)[_used..], slice);
            (_slice, _size, _used) = (slice, size, 0);
        }

        bytes.Slice(_slice, _size)[_used++] = next;
    }
}
