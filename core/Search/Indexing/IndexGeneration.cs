using System.Runtime.InteropServices;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>
/// The writer's side of an index until its next compaction: passages in slots that are handed out once, in ascending order, and
/// marked when they die. A document's passages have adjacent slots.
/// </summary>
internal sealed class IndexGeneration(PassageIndexOptions options)
{
    private readonly Dictionary<string, (int First, int Count)> _documents = new(StringComparer.Ordinal);
    private readonly PassageRows _rows = new(options.Stores);
    private readonly IVectorColumn _vectors =
        options.Precision == VectorPrecision.Quantized && options.Dimension > 0 ? new ByteVectors(options.Dimension, options.Stores) : new FloatVectors(options.Dimension);

    private PostingTable _postings = new();
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

    /// <summary>A document's passages in order, their vectors at unit length.</summary>
    public EmbeddedPassage[] Read(string documentId) =>
        _documents.TryGetValue(documentId, out var range) ? [.. Enumerable.Range(range.First, range.Count).Select(Read)] : [];

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

    /// <summary>Writes a passage without giving it a slot yet: all that can fail of appending it.</summary>
    /// <exception cref="Errors.StorageException">There is no room.</exception>
    public WrittenPassage Write(EmbeddedPassage passage) => new(passage, _rows.Write(passage.Passage), _vectors.Write(passage.Vector.Span));

    /// <summary>Appends a written passage to its document, the one appended to last.</summary>
    /// <param name="written">The passage.</param>
    /// <param name="terms">The lists of its terms in <see cref="Postings"/>, in order and with repetitions.</param>
    public void Append(WrittenPassage written, ReadOnlySpan<PostingList> terms)
    {
        var slot = AppendSlot(written, terms.Length);
        _postings.Add(terms, slot);
    }

    /// <summary>What readers see from now on.</summary>
    public IndexSnapshot Publish() => new()
    {
        Version = _version,
        SlotCount = _slotCount,
        LiveCount = _liveCount,
        LiveLength = _liveLength,
        Postings = _postings,
        Rows = _rows,
        Lengths = _lengths,
        DeletedAt = _deletedAt,
        Vectors = _vectors.Pages(),
    };

    /// <summary>A copy with the living passages only, in the same order.</summary>
    public IndexGeneration Compact()
    {
        var compacted = new IndexGeneration(options);
        var vector = new float[options.Dimension];
        var newSlots = new int[_slotCount];
        for (var slot = 0; slot < _slotCount; slot++)
        {
            newSlots[slot] = _deletedAt[slot] == 0 ? compacted._slotCount : -1;
            if (_deletedAt[slot] != 0)
                continue;
            _vectors.Read(slot, vector);
            compacted.AppendSlot(compacted.Write(new EmbeddedPassage(_rows.Read(slot), vector)), _lengths[slot]);
        }

        compacted._postings = _postings.Renumber(newSlots);
        return compacted;
    }

    private EmbeddedPassage Read(int slot)
    {
        var vector = new float[options.Dimension];
        _vectors.Read(slot, vector);
        return new EmbeddedPassage(_rows.Read(slot), vector);
    }

    private int AppendSlot(WrittenPassage written, int length)
    {
        if (_slotCount == _lengths.Length)
            Grow();

        var slot = _slotCount++;
        _lengths[slot] = length;
        _rows.Append(written.Embedded.Passage, written.RowPlace);
        _vectors.Append(written.Embedded.Vector.Span, written.VectorPlace);
        ref var range = ref CollectionsMarshal.GetValueRefOrAddDefault(_documents, written.Embedded.Passage.DocumentId, out var known);
        range = known ? (range.First, range.Count + 1) : (slot, 1);
        _liveCount++;
        _liveLength += length;
        return slot;
    }

    // Snapshots keep the arrays they were made with; those have every slot they may look at.
    private void Grow()
    {
        var capacity = Math.Max(16, _slotCount + _slotCount / 2);
        Array.Resize(ref _lengths, capacity);
        Array.Resize(ref _deletedAt, capacity);
    }
}

/// <summary>A passage whose text and vector are in the stores of a generation, but not yet in a slot.</summary>
internal readonly record struct WrittenPassage(EmbeddedPassage Embedded, long RowPlace, long VectorPlace);
