namespace OrleansChat.Core.Search.Lexical;

/// <summary>
/// The passages that contain one term: ascending slots with how often the term occurs, four bytes each. One writer appends; readers
/// see a consistent prefix, of which they use the slots of their snapshot.
/// </summary>
internal sealed class PostingList
{
    /// <summary>Slots from this on do not fit.</summary>
    public const int MaxSlots = 1 << 24;

    // BM25 is flat long before 255 repetitions: with k1 = 0.9 the 255th adds less than 0.002 % of a term's score.
    private const uint MaxFrequency = 255;
    private const int FrequencyBits = 8;

    private uint[] _postings = new uint[1];
    private int _count;

    /// <summary>Counts one occurrence in a slot, which is the last one counted or a higher one.</summary>
    public void Add(int slot)
    {
        if (_count > 0 && SlotOf(_postings[_count - 1]) == slot)
        {
            if (FrequencyOf(_postings[_count - 1]) < MaxFrequency)
                _postings[_count - 1]++;
            return;
        }

        Append(slot, 1);
    }

    /// <summary>Appends a posting with a known frequency; the slot is higher than every slot before.</summary>
    public void Append(int slot, uint frequency)
    {
        if (_count == _postings.Length)
            Array.Resize(ref _postings, _count + _count / 2 + 1);
        _postings[_count] = ((uint)slot << FrequencyBits) | frequency;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The postings of the slots below <paramref name="slotCount"/>.</summary>
    public ReadOnlySpan<uint> Below(int slotCount)
    {
        // The count is read first: the array read after it holds at least as many.
        var count = Volatile.Read(ref _count);
        var postings = _postings.AsSpan(0, count);
        if (count == 0 || SlotOf(postings[^1]) < slotCount)
            return postings;

        var end = postings.BinarySearch((uint)slotCount << FrequencyBits);
        return postings[..(end < 0 ? ~end : end)];
    }

    /// <summary>The slot of a posting.</summary>
    public static int SlotOf(uint posting) => (int)(posting >> FrequencyBits);

    /// <summary>How often the term occurs, at most 255.</summary>
    public static uint FrequencyOf(uint posting) => posting & MaxFrequency;
}
