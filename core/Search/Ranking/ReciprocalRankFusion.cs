using System.Runtime.InteropServices;

namespace OrleansChat.Core.Search.Ranking;

/// <summary>
/// Weighted reciprocal rank fusion: a passage scores the sum of weight / (k + rank) over the rankings it appears in, rank from 1
/// (G. V. Cormack, C. L. A. Clarke, S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
/// Methods", SIGIR 2009).
/// </summary>
internal static class ReciprocalRankFusion
{
    /// <summary>Fuses two rankings; of equal sums the lower slot comes first.</summary>
    public static (int Slot, double Score, float? Lexical, float? Dense)[] Fuse(
        ReadOnlySpan<ScoredSlot> lexical, ReadOnlySpan<ScoredSlot> dense, FusionOptions options)
    {
        var fused = new Dictionary<int, (double Score, float? Lexical, float? Dense)>(lexical.Length + dense.Length);
        for (var i = 0; i < lexical.Length; i++)
            fused[lexical[i].Slot] = (options.LexicalWeight / (options.K + i + 1), lexical[i].Score, null);
        for (var i = 0; i < dense.Length; i++)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(fused, dense[i].Slot, out _);
            entry.Score += options.DenseWeight / (options.K + i + 1);
            entry.Dense = dense[i].Score;
        }

        var ranking = new (int Slot, double Score, float? Lexical, float? Dense)[fused.Count];
        var next = 0;
        foreach (var (slot, entry) in fused)
            ranking[next++] = (slot, entry.Score, entry.Lexical, entry.Dense);
        Array.Sort(ranking, static (a, b) => a.Score == b.Score ? a.Slot.CompareTo(b.Slot) : b.Score.CompareTo(a.Score));
        return ranking;
    }
}
