using System.Runtime.InteropServices;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>
/// The writer's side of an index until its next compaction: passages in slots that are handed out once, in ascending order, and
/// marked when they die. A document's passages have adjacent slots.
/// </summary>
internal sealed class IndexGeneration(int dimension)
{
    private readonly Dictionary<string, (int First, int Count)> _documents = new(StringComparer.Ordinal);
    private readonly VectorPages _vectors = new(dimension);
    private PostingTable _postings = new();
    private IndexedPassage[] _passages = [];
    private int[] _lengths = [];
    private int[] _deletedAt = [];
    private int _slotCount;
    private int _liveCount;
    private long _liveLength;
    private int _version;

    /// <summary>Slots in use, living or dead.</summary>
    public int SlotCount => _slotCount;

    /// <summary>The posting lists of this generation.</summary>
    public PostingTable Postings => _postings;

    /// <summary>Slots whose passage is gone.</summary>
    public int DeadCount => _slotCount - _liveCount;

    /// <summary>Makes sure that a change which appends so many passages can be finished once begun.</summary>
    /// <exception cref="InvalidOperationException">The index is full.</exception>
    public void EnsureRoom(int passages)
    {
        if (passages > PostingList.MaxSlots - _slotCount)
            throw new InvalidOperationException($"An index in memory holds at most {PostingList.MaxSlots} passages.");
    }

    /// <summary>Starts a change: what follows is seen from the next <see cref="Publish"/> on.</summary>
    public void BeginChange() => _version++;

    /// <summary>A document's passages in order.</summary>
    public IndexedPassage[] Read(string documentId) =>
        _documents.TryGetValue(documentId, out var range) ? _passages[range.First..(range.First + range.Count)] : [];

    /// <summary>Deletes a document's passages; false when there is no such document.</summary>
    public bool Delete(string documentId)
    {
        if (!_documents.Remove(documentId, out var range))
            return false;
        for (var slot = range.First; slot < range.First + range.Count; slot++)
        {
            _deletedAt[slot] = _version;
            _liveLength -= _lengths[slot];
        }

        _liveCount -= range.Count;
        return true;
    }

    /// <summary>Appends a passage to its document, the one appended to last.</summary>
    /// <param name="passage">The passage.</param>
    /// <param name="terms">The lists of its terms in <see cref="Postings"/>, in order and with repetitions.</param>
    /// <param name="vector">Its vector, of the generation's dimension.</param>
    public void Append(IndexedPassage passage, ReadOnlySpan<PostingList> terms, ReadOnlySpan<float> vector)
    {
        var slot = AppendSlot(passage, terms.Length, vector);
        foreach (var list in terms)
            list.Add(slot);
    }

    /// <summary>What readers see from now on.</summary>
    public IndexSnapshot Publish() => new()
    {
        Version = _version,
        SlotCount = _slotCount,
        LiveCount = _liveCount,
        LiveLength = _liveLength,
        Postings = _postings,
        Passages = _passages,
        Lengths = _lengths,
        DeletedAt = _deletedAt,
        VectorPages = _vectors.Pages,
        VectorsPerPage = _vectors.VectorsPerPage,
    };

    /// <summary>A copy with the living passages only, in the same order.</summary>
    public IndexGeneration Compact()
    {
        var compacted = new IndexGeneration(dimension);
        var newSlots = new int[_slotCount];
        for (var slot = 0; slot < _slotCount; slot++)
        {
            newSlots[slot] = _deletedAt[slot] == 0 ? compacted._slotCount : -1;
            if (_deletedAt[slot] == 0)
                compacted.AppendSlot(_passages[slot], _lengths[slot], dimension == 0 ? [] : _vectors[slot]);
        }

        compacted._postings = _postings.Renumber(newSlots);
        return compacted;
    }

    private int AppendSlot(IndexedPassage passage, int length, ReadOnlySpan<float> vector)
    {
        if (_slotCount == _passages.Length)
            Grow();

        var slot = _slotCount++;
        _passages[slot] = passage;
        _lengths[slot] = length;
        _vectors.Append(vector);
        ref var range = ref CollectionsMarshal.GetValueRefOrAddDefault(_documents, passage.DocumentId, out var known);
        range = known ? (range.First, range.Count + 1) : (slot, 1);
        _liveCount++;
        _liveLength += length;
        return slot;
    }

    // Snapshots keep the arrays they were made with; those have every slot they may look at.
    private void Grow()
    {
        var capacity = Math.Max(16, _slotCount + _slotCount / 2);
        Array.Resize(ref _passages, capacity);
        Array.Resize(ref _lengths, capacity);
        Array.Resize(ref _deletedAt, capacity);
    }
}
