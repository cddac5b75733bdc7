using System.Collections.Concurrent;
using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>The posting lists by term. Any number of threads may look up and add terms at once; the lists have one writer.</summary>
internal sealed class PostingTable
{
    private readonly ConcurrentDictionary<string, PostingList> _lists;
    private readonly ConcurrentDictionary<string, PostingList>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public PostingTable()
    {
        _lists = new ConcurrentDictionary<string, PostingList>(concurrencyLevel: -1, capacity: 31, StringComparer.Ordinal);
        _bySpan = _lists.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The room of the lists.</summary>
    public PostingBytes Bytes { get; } = new();

    /// <summary>The list of a term, or null.</summary>
    public PostingList? Find(ReadOnlySpan<char> term) => _bySpan.TryGetValue(term, out var list) ? list : null;

    /// <summary>The lists of terms, new ones for terms that are new. Safe beside all else.</summary>
    public PostingList[] Resolve(TermBuffer terms)
    {
        var lists = new PostingList[terms.Count];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = _bySpan.TryGetValue(terms[i], out var list) ? list : _lists.GetOrAdd(terms[i].ToString(), static _ => new PostingList());
        return lists;
    }

    /// <summary>Adds a slot, the highest so far, to the lists of its terms, in any order and with repetitions.</summary>
    public void Add(ReadOnlySpan<PostingList> terms, int slot)
    {
        foreach (var list in terms)
            list.Add(slot);
        foreach (var list in terms)
            list.Settle(Bytes);
    }

    /// <summary>The postings of a list of this table for the slots below a number.</summary>
    public ReadOnlySpan<uint> Read(PostingList list, int slotCount)
    {
        var postings = new uint[list.Count];
        return postings.AsSpan(0, list.Read(Bytes, slotCount, postings));
    }

    /// <summary>
    /// The postings of the slots that go on living, under their new numbers; terms without any are dropped.
    /// </summary>
    /// <param name="newSlots">The new number by old slot; negative for a dead one. Ascending where not negative.</param>
    public PostingTable Renumber(ReadOnlySpan<int> newSlots)
    {
        var renumbered = new PostingTable();
        uint[] postings = [];
        foreach (var (term, list) in _lists)
        {
            PostingList? kept = null;
            if (postings.Length < list.Count)
                postings = new uint[2 * list.Count];
            var count = list.Read(Bytes, newSlots.Length, postings.AsSpan(0, list.Count));
            foreach (var posting in postings.AsSpan(0, count))
            {
                var slot = newSlots[PostingList.SlotOf(posting)];
                if (slot >= 0)
                    (kept ??= new PostingList()).Append(renumbered.Bytes, slot, PostingList.FrequencyOf(posting));
            }

            if (kept is not null)
                renumbered._lists[term] = kept;
        }

        return renumbered;
    }
}
