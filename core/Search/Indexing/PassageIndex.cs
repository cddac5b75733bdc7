using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>
/// Passages in memory, searchable by words and by vector. A document is replaced or removed at once and as a whole. Searches run
/// beside changes and beside each other, each on the passages of the moment it began; changes wait for one another.
/// </summary>
public sealed class PassageIndex
{
    // Compacting costs a copy of what lives; once per so many deaths, that is a constant cost per deletion.
    private const int CompactionSlack = 1024;
    private const int CompactionShare = 4;

    private readonly PassageIndexOptions _options;
    private readonly Lock _writing = new();
    private IndexGeneration _generation;
    private IndexSnapshot _snapshot;

    /// <summary>An empty index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is negative.</exception>
    public PassageIndex(PassageIndexOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Dimension);
        _options = options;
        _generation = new IndexGeneration(options);
        _snapshot = _generation.Publish();
    }

    /// <summary>The length of every vector; 0 when passages have none.</summary>
    public int Dimension => _options.Dimension;

    /// <summary>The number of passages.</summary>
    public int Count => Volatile.Read(ref _snapshot).LiveCount;

    /// <summary>Puts these passages in the place of all passages that the document has; none of them removes the document.</summary>
    /// <exception cref="ArgumentException">A passage of another document, or a vector of another dimension or not finite.</exception>
    /// <exception cref="Errors.StorageException">There is no room for texts or vectors; nothing is changed.</exception>
    public void Replace(string documentId, IReadOnlyList<EmbeddedPassage> passages)
    {
        Validate(documentId, passages);

        // The expensive part, outside the lock: several documents can be analysed at once.
        var (terms, ends) = Analyze(passages);
        var table = Volatile.Read(ref _snapshot).Postings;
        var lists = table.Resolve(terms);
        lock (_writing)
        {
            // A compaction came in between.
            if (_generation.Postings != table)
                lists = _generation.Postings.Resolve(terms);
            _generation.EnsureRoom(ends.Length);
            WrittenPassage[] written = [.. passages.Select(_generation.Write)];
            _generation.BeginChange();
            _generation.Delete(documentId);
            for (var (i, start) = (0, 0); i < ends.Length; start = ends[i++])
                _generation.Append(written[i], lists.AsSpan(start..ends[i]));
            Publish();
        }
    }

    /// <summary>Throws what <see cref="Replace"/> would throw for these passages, and changes nothing.</summary>
    /// <exception cref="ArgumentException">A passage of another document, or a vector of another dimension or not finite.</exception>
    public void Validate(string documentId, IReadOnlyList<EmbeddedPassage> passages)
    {
        ArgumentNullException.ThrowIfNull(documentId);
        ArgumentNullException.ThrowIfNull(passages);
        foreach (var (passage, vector) in passages)
        {
            if (passage.DocumentId != documentId)
                throw new ArgumentException($"A passage belongs to document '{passage.DocumentId}', not to '{documentId}'.");
            PassageSearch.ValidateVector(vector.Span, Dimension);
        }
    }

    /// <summary>A document's passages in order, their vectors at unit length; none when there is no such document.</summary>
    public IReadOnlyList<EmbeddedPassage> Read(string documentId)
    {
        lock (_writing)
            return _generation.Read(documentId);
    }

    /// <summary>Removes a document; false when there is no such document.</summary>
    public bool Remove(string documentId)
    {
        lock (_writing)
        {
            _generation.BeginChange();
            if (!_generation.Delete(documentId))
                return false;
            Publish();
            return true;
        }
    }

    /// <summary>The best passages for a query, best first. Equal queries on equal passages give equal answers.</summary>
    /// <exception cref="ArgumentException">The query lacks the text or the vector that its mode needs, or the vector does not fit.</exception>
    public IReadOnlyList<RankedPassage> Search(PassageQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return PassageSearch.Run(Volatile.Read(ref _snapshot), _options, query);
    }

    private (TermBuffer Terms, int[] Ends) Analyze(IReadOnlyList<EmbeddedPassage> passages)
    {
        var terms = new TermBuffer();
        var ends = new int[passages.Count];
        for (var i = 0; i < ends.Length; i++)
        {
            if (passages[i].Passage.Title is { } title)
                _options.Analyzer.Analyze(title, terms);
            _options.Analyzer.Analyze(passages[i].Passage.Text, terms);
            ends[i] = terms.Count;
        }

        return (terms, ends);
    }

    private void Publish()
    {
        var living = _generation.SlotCount - _generation.DeadCount;
        if (_generation.DeadCount > CompactionSlack + living / CompactionShare)
            _generation = _generation.Compact();
        Volatile.Write(ref _snapshot, _generation.Publish());
    }
}
