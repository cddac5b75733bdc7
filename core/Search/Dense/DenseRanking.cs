using System.Numerics.Tensors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Dense;

/// <summary>Exact cosine similarity with every passage of a snapshot, by SIMD.</summary>
internal static class DenseRanking
{
    /// <summary>The passages most similar to a vector among those that pass the filter.</summary>
    /// <param name="snapshot">The passages.</param>
    /// <param name="query">A vector of the snapshot's dimension and any magnitude.</param>
    /// <param name="filter">Decides about a slot.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    public static ScoredSlot[] Rank(IndexSnapshot snapshot, ReadOnlySpan<float> query, SlotFilter filter, int limit)
    {
        var dimension = query.Length;
        var unit = new float[dimension];
        var norm = TensorPrimitives.Norm(query);
        if (norm == 0)
            return [];
        TensorPrimitives.Divide(query, norm, unit);

        var top = new TopScores(limit);
        for (var (page, first) = (0, 0); first < snapshot.SlotCount; page++, first += snapshot.VectorsPerPage)
        {
            ReadOnlySpan<float> vectors = snapshot.VectorPages[page];
            var count = Math.Min(snapshot.VectorsPerPage, snapshot.SlotCount - first);
            for (var i = 0; i < count; i++)
            {
                var similarity = TensorPrimitives.Dot(vectors.Slice(i * dimension, dimension), unit);
                if (similarity >= top.Threshold && filter.Accepts(first + i))
                    top.Offer(first + i, similarity);
            }
        }

        return top.ToRanking();
    }
}
