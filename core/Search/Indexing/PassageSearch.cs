using System.Numerics.Tensors;
using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>Runs a query on one snapshot, so that both rankings see the same passages.</summary>
internal static class PassageSearch
{
    // Below so many passages, waking another thread takes longer than it saves.
    private const int SharedFrom = 50_000;

    public static RankedPassage[] Run(IndexSnapshot snapshot, PassageIndexOptions options, PassageQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        if (query.Mode != SearchMode.Lexical)
            ValidateVector(query.Vector.Span, options.Dimension);
        if (query.Mode != SearchMode.Lexical && options.Dimension == 0)
            throw new ArgumentException("The passages have no vectors; only lexical search works.");

        var depth = Math.Min(Math.Max(query.Limit, query.Mode == SearchMode.Hybrid ? query.Fusion.Candidates : 0), snapshot.LiveCount);
        if (depth == 0)
            return [];
        var filter = new SlotFilter(snapshot, query.Filter);
        switch (query.Mode)
        {
            case SearchMode.Lexical:
                return [.. Lexical().Select(hit => Hit(hit.Slot, new PassageScores(Lexical: hit.Score)))];
            case SearchMode.Dense:
                return [.. Rank(words: null).Dense.Select(hit => Hit(hit.Slot, new PassageScores(Dense: hit.Score)))];
            default:
                var (lexical, dense) = Rank(Lexical);
                var fused = ReciprocalRankFusion.Fuse(lexical, dense, query.Fusion);
                return [.. fused.Take(query.Limit).Select(hit => Hit(hit.Slot, new PassageScores(hit.Lexical, hit.Dense, hit.Score)))];
        }

        RankedPassage Hit(int slot, PassageScores scores) => new(snapshot.Rows.Read(slot), scores);

        ScoredSlot[] Lexical()
        {
            var terms = new TermBuffer();
            options.Analyzer.Analyze(query.Text, terms);
            return LexicalRanking.Rank(snapshot, terms, options.Bm25, filter, depth);
        }

        // One thread ranks by words, all go through the vectors.
        (ScoredSlot[] Lexical, ScoredSlot[] Dense) Rank(Func<ScoredSlot[]>? words)
        {
            var dense = new DenseRanking(snapshot, query.Vector.Span, filter, depth);
            ScoredSlot[] lexical = [];
            var started = 0;
            if (snapshot.SlotCount < SharedFrom)
                Work();
            else
                Parallel.For(0, Environment.ProcessorCount, _ => Work());
            return (lexical, dense.Result());

            void Work()
            {
                if (Interlocked.Increment(ref started) == 1 && words is not null)
                    lexical = words();
                dense.Work();
            }
        }
    }

    /// <exception cref="ArgumentException">The vector has another dimension or is not finite.</exception>
    public static void ValidateVector(ReadOnlySpan<float> vector, int dimension)
    {
        if (vector.Length != dimension)
            throw new ArgumentException($"A vector has {vector.Length} dimensions where the collection has {dimension}.");
        if (!float.IsFinite(TensorPrimitives.Norm(vector)))
            throw new ArgumentException("A vector is not finite.");
    }
}
