using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Indexing;

/// <summary>The formulas written out over a list of passages, in double precision.</summary>
internal static class NaiveSearch
{
    public static Dictionary<string, double> Bm25(IEnumerable<EmbeddedPassage> passages, string query, Bm25Options options)
    {
        var bags = passages.ToDictionary(passage => passage.Passage.ChunkId, passage => Terms(passage.Passage.Title + "\n" + passage.Passage.Text));
        var scores = new Dictionary<string, double>();
        if (bags.Count == 0)
            return scores;
        var averageLength = bags.Values.Average(bag => bag.Length);
        foreach (var term in Terms(query))
        {
            var matching = bags.Values.Count(bag => bag.Contains(term));
            var idf = Math.Log(1 + (bags.Count - matching + 0.5) / (matching + 0.5));
            foreach (var (id, bag) in bags)
            {
                double frequency = bag.Count(other => other == term);
                if (frequency > 0)
                {
                    var norm = options.K1 * (1 - options.B + options.B * bag.Length / averageLength);
                    scores[id] = scores.GetValueOrDefault(id) + idf * frequency / (frequency + norm);
                }
            }
        }

        return scores;
    }

    public static Dictionary<string, double> Cosine(IEnumerable<EmbeddedPassage> passages, float[] query) =>
        passages.ToDictionary(passage => passage.Passage.ChunkId, passage => Cosine(passage.Vector.ToArray(), query));

    private static double Cosine(float[] a, float[] b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
            (dot, aa, bb) = (dot + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        return dot / Math.Sqrt(aa * bb);
    }

    private static string[] Terms(string text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return terms.ToArray();
    }
}
