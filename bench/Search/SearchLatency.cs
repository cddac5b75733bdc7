using System.Diagnostics;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Bench.Search;

/// <summary>
/// Query times one after another, memory and indexing speed of the index in memory. Passages have 100 words of a Zipf-distributed vocabulary and
/// random vectors; queries have 3 to 8 words of the same distribution.
/// </summary>
internal static class SearchLatency
{
    private const int Dimension = 384;
    private const int WordsPerPassage = 100;
    private const int Vocabulary = 200_000;
    private const int Queries = 500;

    public static Task<int> RunAsync(string[] args)
    {
        var passages = Arguments.Number(args, "--passages", 100_000);
        var random = new Random(1);
        var words = new ZipfWords(random, Vocabulary);

        var index = new PassageIndex(new PassageIndexOptions { Dimension = Dimension, Precision = VectorPrecision.Quantized });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long textBytes = 0;
        var indexing = new Stopwatch();
        for (var i = 0; i < passages; i++)
        {
            var passage = new IndexedPassage { DocumentId = $"d{i}", Ordinal = 0, Text = words.Text(WordsPerPassage), StartLine = 1, EndLine = 9 };
            textBytes += sizeof(char) * passage.Text.Length;
            var embedded = new EmbeddedPassage(passage, Vector(random));
            indexing.Start();
            index.Replace(passage.DocumentId, [embedded]);
            indexing.Stop();
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"{passages:N0} passages of {WordsPerPassage} words, {Dimension} dimensions");
        Console.WriteLine($"indexing {passages / indexing.Elapsed.TotalSeconds:N0} passages/s; {(held - textBytes) / passages:N0} bytes a passage beside {textBytes / passages:N0} of text");
        foreach (var mode in Enum.GetValues<SearchMode>())
            Report(index, mode, words, random);
        return Task.FromResult(0);
    }

    private static void Report(PassageIndex index, SearchMode mode, ZipfWords words, Random random)
    {
        var times = new List<double>();
        for (var i = 0; i < Queries; i++)
        {
            var query = new PassageQuery { Mode = mode, Text = words.Text(random.Next(3, 9)), Vector = Vector(random), Fusion = new FusionOptions() };
            var start = Stopwatch.GetTimestamp();
            index.Search(query);
            if (i >= Queries / 10)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine($"{mode,-8} median {times[times.Count / 2]:F2} ms  p95 {times[times.Count * 95 / 100]:F2} ms  max {times[^1]:F2} ms");
    }

    private static float[] Vector(Random random)
    {
        var vector = new float[Dimension];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = random.NextSingle() - 0.5f;
        return vector;
    }
}
