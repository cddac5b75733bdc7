using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Lexical;

/// <summary>
/// BM25 as the product of two sparse vectors. A passage's entry is f / (f + k1 (1 - b + b length / average)), a query's is the term's
/// repetitions, and Qdrant multiplies by ln(1 + (N - n + 0.5) / (n + 0.5)) when it searches, which it counts itself (modifier IDF).
/// </summary>
/// <remarks>
/// Exact: the analyzer, k1, b, term frequencies, and the inverse document frequency, which moves with every change. Approximate: the
/// average length is a constant, because entries are fixed when a passage is written and the true average moves; terms are hashed to 32
/// bits, so two of a million different terms fall together with a chance of about 1 in 4,000 for each; N and n are counted in each shard by
/// itself, and they count passages that a change has superseded but not yet removed.
/// </remarks>
internal static class SparseTerms
{
    /// <summary>
    /// The length that counts as average, in terms. Chunks of the default size had 86 to 122 terms on average in Markdown, plain text and
    /// C#. With k1 = 0.9 and b = 0.4, a true average of half or twice as much changes the entry of a passage of that length by less than a
    /// fifth.
    /// </summary>
    public const double AverageLength = 110;

    private const int MaxFrequency = 255;
    private const int MaxQueryTerms = 1024;
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    private static readonly Bm25Options Bm25 = new();

    /// <summary>A passage's vector; empty for one without words.</summary>
    public static SparseVector OfPassage(IndexedPassage passage)
    {
        var terms = new TermBuffer();
        if (passage.Title is { } title)
            EnglishAnalyzer.Instance.Analyze(title, terms);
        EnglishAnalyzer.Instance.Analyze(passage.Text, terms);
        var norm = Bm25.K1 * (1 - Bm25.B + Bm25.B * terms.Count / AverageLength);
        return Vector(Count(terms, int.MaxValue), frequency => Saturated(Math.Min(frequency, MaxFrequency), norm));
    }

    /// <summary>A query's vector; empty for one without words.</summary>
    public static SparseVector OfQuery(string text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return Vector(Count(terms, MaxQueryTerms), repetitions => repetitions);
    }

    /// <summary>
    /// A term's index: FNV-1a over its UTF-16 code units (Fowler, Noll, Vo) and the final mix of MurmurHash3 (Appleby). Part of the format
    /// on disk.
    /// </summary>
    public static uint IndexOf(ReadOnlySpan<char> term)
    {
        var hash = FnvOffset;
        foreach (var unit in term)
        {
            hash = (hash ^ (byte)unit) * FnvPrime;
            hash = (hash ^ (byte)(unit >> 8)) * FnvPrime;
        }

        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }

    private static SortedDictionary<uint, int> Count(TermBuffer terms, int maxTerms)
    {
        var counts = new SortedDictionary<uint, int>();
        for (var i = 0; i < terms.Count; i++)
        {
            var index = IndexOf(terms[i]);
            if (counts.TryGetValue(index, out var count))
                counts[index] = count + 1;
            else if (counts.Count < maxTerms)
                counts.Add(index, 1);
        }

        return counts;
    }

    private static float Saturated(int frequency, double norm) => (float)(frequency / (frequency + norm));

    private static SparseVector Vector(SortedDictionary<uint, int> counts, Func<int, float> weigh)
    {
        var vector = new SparseVector();
        foreach (var (index, count) in counts)
        {
            vector.Indices.Add(index);
            vector.Values.Add(weigh(count));
        }

        return vector;
    }
}
