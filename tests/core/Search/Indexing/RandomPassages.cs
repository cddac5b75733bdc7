using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Indexing;

/// <summary>Documents of words w0, w1, … of which low numbers are frequent.</summary>
internal sealed class RandomPassages(Random random, int dimension, int vocabulary = 60)
{
    public EmbeddedPassage[] Document(string id, int maxPassages = 4) =>
        [.. Enumerable.Range(0, random.Next(1, maxPassages + 1)).Select(ordinal => new EmbeddedPassage(
            new IndexedPassage { DocumentId = id, Ordinal = ordinal, Title = random.Next(2) == 0 ? null : Words(3), Text = Words(random.Next(0, 30)) },
            Vector()))];

    public string Words(int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{(int)(vocabulary * Math.Pow(random.NextDouble(), 3))}"));

    public float[] Vector() => [.. Enumerable.Range(0, dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
}
