using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Dense;

/// <summary>
/// Cosine similarity with every passage of a snapshot. Any number of threads may <see cref="Work"/> on it at once; they take a page at a time until none is left.
/// </summary>
internal sealed class DenseRanking
{
    private readonly IndexSnapshot _snapshot;
    private readonly SlotFilter _filter;
    private readonly int _limit;
    private readonly IVectorScan? _scan;
    private readonly TopScores _best;
    private readonly Lock _merging = new();
    private int _taken = -1;

    /// <param name="snapshot">The passages.</param>
    /// <param name="query">A vector of the snapshot's dimension and any magnitude.</param>
    /// <param name="filter">Decides about a slot.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    public DenseRanking(IndexSnapshot snapshot, ReadOnlySpan<float> query, SlotFilter filter, int limit)
    {
        (_snapshot, _filter, _limit) = (snapshot, filter, limit);
        var unit = new float[query.Length];
        _scan = UnitVector.Write(query, unit) ? snapshot.Vectors.Prepare(unit) : null;
        _best = new TopScores(Math.Min(_scan?.Candidates(limit) ?? 1, Math.Max(1, snapshot.LiveCount)));
    }

    /// <summary>Takes pages until none is left.</summary>
    public void Work()
    {
        if (_scan is null)
            return;
        var perPage = _snapshot.Vectors.VectorsPerPage;
        var top = new TopScores(_best.Capacity);
        var scores = new float[Math.Min(perPage, _snapshot.SlotCount)];
        for (int page; (page = Interlocked.Increment(ref _taken)) * (long)perPage < _snapshot.SlotCount;)
        {
            var first = page * perPage;
            var count = Math.Min(perPage, _snapshot.SlotCount - first);
            _scan.Score(page, count, scores);
            for (var i = 0; i < count; i++)
            {
                if (scores[i] >= top.Threshold && _filter.Accepts(first + i))
                    top.Offer(first + i, scores[i]);
            }
        }

        lock (_merging)
            top.OfferTo(_best);
    }

    /// <summary>The passages most similar to the query among those that pass the filter, once all work is done.</summary>
    public ScoredSlot[] Result()
    {
        if (_scan is null)
            return [];
        var refined = new TopScores(_limit);
        foreach (var (slot, score) in _best.ToRanking())
            refined.Offer(slot, _scan.Refine(slot, score));
        return refined.ToRanking();
    }
}
