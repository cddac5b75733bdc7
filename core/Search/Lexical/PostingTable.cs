using System.Collections.Concurrent;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>The posting lists by term. One writer adds while any number of readers look up.</summary>
internal sealed class PostingTable
{
    private readonly ConcurrentDictionary<string, PostingList> _lists;
    private readonly ConcurrentDictionary<string, PostingList>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public PostingTable()
    {
        _lists = new ConcurrentDictionary<string, PostingList>(concurrencyLevel: 1, capacity: 31, StringComparer.Ordinal);
        _bySpan = _lists.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The number of terms.</summary>
    public int Count => _lists.Count;

    /// <summary>The list of a term, or null.</summary>
    public PostingList? Find(ReadOnlySpan<char> term) => _bySpan.TryGetValue(term, out var list) ? list : null;

    /// <summary>The list of a term, a new one if the term is new.</summary>
    public PostingList GetOrAdd(ReadOnlySpan<char> term)
    {
        if (_bySpan.TryGetValue(term, out var list))
            return list;
        list = new PostingList();
        _bySpan[term] = list;
        return list;
    }

    /// <summary>
    /// The postings of the slots that go on living, under their new numbers; terms without any are dropped.
    /// </summary>
    /// <param name="newSlots">The new number by old slot; negative for a dead one. Ascending where not negative.</param>
    public PostingTable Renumber(ReadOnlySpan<int> newSlots)
    {
        var renumbered = new PostingTable();
        foreach (var (term, list) in _lists)
        {
            PostingList? kept = null;
            foreach (var posting in list.Below(newSlots.Length))
            {
                var slot = newSlots[PostingList.SlotOf(posting)];
                if (slot >= 0)
                    (kept ??= new PostingList()).Append(slot, PostingList.FrequencyOf(posting));
            }

            if (kept is not null)
                renumbered._lists[term] = kept;
        }

        return renumbered;
    }
}
