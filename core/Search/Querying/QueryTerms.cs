using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Core.Search.Querying;

/// <summary>The terms of a query, to be found in texts word by word.</summary>
internal sealed class QueryTerms
{
    private readonly HashSet<string> _terms;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly TermBuffer _ofWord = new();

    public QueryTerms(string query)
    {
        _terms = [.. Of(query)];
        _bySpan = _terms.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The terms, each once.</summary>
    public IReadOnlyCollection<string> All => _terms;

    /// <summary>The terms of a text, in order and with repetitions.</summary>
    public static string[] Of(ReadOnlySpan<char> text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return terms.ToArray();
    }

    /// <summary>The first words of a text that the query has, each with the term that says so.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">Words at most.</param>
    /// <returns>The words, in their order.</returns>
    public List<(TextRange Range, string Term)> Find(string text, int limit)
    {
        var found = new List<(TextRange Range, string Term)>();
        var words = new WordSplitter(text);
        while (found.Count < limit && words.MoveNext())
        {
            var (start, end) = (words.Source.Start.Value, words.Source.End.Value);
            if (TermIn(text.AsSpan(start, end - start)) is { } term)
                found.Add((new TextRange(start, end), term));
        }

        return found;
    }

    private string? TermIn(ReadOnlySpan<char> word)
    {
        _ofWord.Clear();
        EnglishAnalyzer.Instance.Analyze(word, _ofWord);
        for (var i = 0; i < _ofWord.Count; i++)
        {
            if (_bySpan.TryGetValue(_ofWord[i], out var term))
                return term;
        }

        return null;
    }
}
