using System.Globalization;
using System.Numerics.Tensors;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Bench.Search;

/// <summary>
/// Documents and queries that are the same in every process: texts of 60 to 120 words of a Zipf-distributed vocabulary with a title, and vectors around
/// a thousand centres, half of whose direction is their own. Neighbours within a cluster are hard to tell apart, which is what coarse vectors are tried by.
/// </summary>
internal sealed class ScaleCorpus
{
    /// <summary>The length of the vectors.</summary>
    public const int Dimension = 384;

    private const int Centres = 1_000;
    private const int Vocabulary = 200_000;
    private const float OwnShare = 0.7f;

    private readonly ZipfWords _words = new(new Random(1), Vocabulary);
    private readonly float[][] _centres;
    private readonly int _perDocument;

    public ScaleCorpus(int perDocument)
    {
        _perDocument = perDocument;
        var random = new Random(2);
        _centres = [.. Enumerable.Range(0, Centres).Select(_ => Direction(random))];
    }

    public DocumentPassages Document(int number)
    {
        var random = new Random(number + 1_000);
        var id = string.Create(CultureInfo.InvariantCulture, $"docs/{number}.md");
        var metadata = new Dictionary<string, MetadataValue> { ["year"] = MetadataValue.Of(2000 + number % 25) };
        var title = _words.Text(random, 4);
        return new DocumentPassages(
            new StoredDocument(id, 1, number.ToString("x64", CultureInfo.InvariantCulture), _perDocument),
            [.. Enumerable.Range(0, _perDocument).Select(ordinal => new EmbeddedPassage(
                new IndexedPassage
                {
                    DocumentId = id,
                    Ordinal = ordinal,
                    Title = $"{title} > {_words.Text(random, 3)}",
                    Path = id,
                    Kind = "markdown",
                    StartLine = 1 + 10 * ordinal,
                    EndLine = 9 + 10 * ordinal,
                    Metadata = metadata,
                    Text = _words.Text(random, random.Next(60, 121)),
                },
                Vector(random)))]);
    }

    public (string Text, float[] Vector) Query(int number)
    {
        var random = new Random(-1 - number);
        return (_words.Text(random, random.Next(3, 9)), Vector(random));
    }

    private float[] Vector(Random random)
    {
        var vector = Direction(random);
        TensorPrimitives.MultiplyAdd(vector, OwnShare, _centres[random.Next(Centres)], vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    // The sum of two even numbers is near enough to a normal one.
    private static float[] Direction(Random random)
    {
        var vector = new float[Dimension];
        for (var i = 0; i < Dimension; i++)
            vector[i] = random.NextSingle() + random.NextSingle() - 1;
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
