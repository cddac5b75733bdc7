namespace OrleansChat.Bench.Search;

/// <summary>Text whose nth most frequent word occurs in proportion to 1/n, as in natural language.</summary>
internal sealed class ZipfWords
{
    private readonly Random _random;
    private readonly double[] _cumulative;

    public ZipfWords(Random random, int vocabulary)
    {
        _random = random;
        _cumulative = new double[vocabulary];
        var sum = 0d;
        for (var i = 0; i < vocabulary; i++)
            _cumulative[i] = sum += 1d / (i + 1);
    }

    public string Text(int words) => Text(_random, words);

    public string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Word(random)));

    // The number keeps the stemmer from making two words one.
    private string Word(Random random)
    {
        var index = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return $"word{(index < 0 ? ~index : index)}";
    }
}
