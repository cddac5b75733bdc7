using System.Buffers;
using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>
/// BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) in Lucene's form: a term in n of N
/// passages weighs ln(1 + (N - n + 0.5) / (n + 0.5)), and f occurrences score f / (f + k1 (1 - b + b length / average length)).
/// Lengths and counts are exact for the snapshot. Scores are summed term by term into one array over all slots,
/// which for the few terms of a query costs less than skipping would save.
/// </summary>
internal static class LexicalRanking
{
    /// <summary>Only so many different terms of a query count, the first ones.</summary>
    public const int MaxQueryTerms = 1024;

    /// <summary>The best passages that contain a term of the query and pass the filter.</summary>
    public static ScoredSlot[] Rank(IndexSnapshot snapshot, TermBuffer queryTerms, Bm25Options options, SlotFilter filter, int limit)
    {
        var scores = ArrayPool<float>.Shared.Rent(snapshot.SlotCount);
        try
        {
            var sums = scores.AsSpan(0, snapshot.SlotCount);
            sums.Clear();
            foreach (var (list, repetitions) in Lists(snapshot, queryTerms))
                Accumulate(snapshot, list, repetitions, options, sums);
            return Best(sums, filter, limit);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scores);
        }
    }

    private static Dictionary<PostingList, int> Lists(IndexSnapshot snapshot, TermBuffer queryTerms)
    {
        var lists = new Dictionary<PostingList, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < queryTerms.Count && lists.Count < MaxQueryTerms; i++)
        {
            if (snapshot.Postings.Find(queryTerms[i]) is { } list)
                lists[list] = lists.GetValueOrDefault(list) + 1;
        }

        return lists;
    }

    private static void Accumulate(IndexSnapshot snapshot, PostingList list, int repetitions, Bm25Options options, Span<float> sums)
    {
        var count = list.Count;
        var postings = ArrayPool<uint>.Shared.Rent(count);
        try
        {
            count = list.Read(snapshot.Postings.Bytes, snapshot.SlotCount, postings.AsSpan(0, count));
            Accumulate(snapshot, postings.AsSpan(0, count), repetitions, options, sums);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(postings);
        }
    }

    private static void Accumulate(
        IndexSnapshot snapshot, ReadOnlySpan<uint> postings, int repetitions, Bm25Options options, Span<float> sums)
    {
        var matching = snapshot.CountLive(postings);
        if (matching == 0)
            return;

        var idf = Math.Log(1 + (snapshot.LiveCount - matching + 0.5) / (matching + 0.5));
        var weight = (float)(repetitions * idf);
        var fixedNorm = (float)(options.K1 * (1 - options.B));
        var normPerTerm = (float)(options.K1 * options.B * snapshot.LiveCount / snapshot.LiveLength);
        var lengths = snapshot.Lengths;
        foreach (var posting in postings)
        {
            var slot = PostingList.SlotOf(posting);
            float frequency = PostingList.FrequencyOf(posting);
            sums[slot] += weight * frequency / (frequency + fixedNorm + normPerTerm * lengths[slot]);
        }
    }

    // Weights are positive, so a sum of 0 is a passage without any of the terms.
    private static ScoredSlot[] Best(ReadOnlySpan<float> sums, SlotFilter filter, int limit)
    {
        var top = new TopScores(limit);
        var threshold = 0f;
        for (var slot = 0; slot < sums.Length; slot++)
        {
            if (sums[slot] <= threshold || !filter.Accepts(slot))
                continue;
            top.Offer(slot, sums[slot]);
            threshold = Math.Max(0, top.Threshold);
        }

        return top.ToRanking();
    }
}
