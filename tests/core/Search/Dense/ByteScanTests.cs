using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Dense;

public sealed class ByteScanTests(ITestOutputHelper output)
{
    private const int Passages = 6_000;
    private const int Dimension = 96;
    private const int Neighbours = 10;
    private const int Queries = 50;

    [Fact]
    public void Search_InTightClusters_FindsAtLeast99PercentOfTheNearestWithTheirExactScores()
    {
        var random = Seed.Print(output);
        float[][] centres = [.. Enumerable.Range(0, 5).Select(_ => Direction(random))];
        var (bytes, floats) = (Index(VectorPrecision.Quantized), Index(VectorPrecision.Full));
        for (var i = 0; i < Passages; i++)
        {
            var passage = new EmbeddedPassage(new IndexedPassage { DocumentId = $"d{i}", Ordinal = 0, Text = "text" }, Near(random, centres));
            bytes.Replace($"d{i}", [passage]);
            floats.Replace($"d{i}", [passage]);
        }

        var found = 0;
        for (var i = 0; i < Queries; i++)
        {
            var query = new PassageQuery { Mode = SearchMode.Dense, Vector = Near(random, centres), Limit = Neighbours };
            var exact = floats.Search(query).ToDictionary(hit => hit.Passage.DocumentId, hit => hit.Scores.Final);
            var hits = bytes.Search(query).Where(hit => exact.ContainsKey(hit.Passage.DocumentId)).ToList();
            Assert.All(hits, hit => Assert.Equal(exact[hit.Passage.DocumentId], hit.Scores.Final, 5));
            found += hits.Count;
        }

        Assert.InRange(found, 0.99 * Queries * Neighbours, Queries * Neighbours);
    }

    private static PassageIndex Index(VectorPrecision precision) => new(new PassageIndexOptions { Dimension = Dimension, Precision = precision });

    private static float[] Near(Random random, float[][] centres) =>
        [.. centres[random.Next(centres.Length)].Zip(Direction(random)).Select(pair => pair.First + 0.3f * pair.Second)];

    private static float[] Direction(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() + random.NextSingle() - 1)];
}
