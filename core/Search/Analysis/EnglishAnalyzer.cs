namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// Words in lower case and plain letters, without possessive endings and English stop words, stemmed by Porter's algorithm.
/// Words of other scripts pass through unstemmed; scripts written without spaces become single characters and pairs. An identifier of several
/// words, such as <c>readLine</c> or <c>read_line</c>, is found by each of them and as one.
/// </summary>
public sealed class EnglishAnalyzer : ITextAnalyzer
{
    /// <summary>The longest term, in UTF-16 code units.</summary>
    public const int MaxTermLength = WordSplitter.MaxWordLength;

    /// <summary>The shared instance; the analyzer has no state.</summary>
    public static EnglishAnalyzer Instance { get; } = new();

    /// <inheritdoc/>
    public void Analyze(ReadOnlySpan<char> text, TermBuffer terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var words = new WordSplitter(text);
        var identifier = new IdentifierTerms(text, stackalloc char[MaxTermLength], terms);
        while (words.MoveNext())
        {
            identifier.Take(words.Source);
            var word = WithoutPossessive(words.Current);
            if (!EnglishStopWords.Contains(word))
                terms.Add(word[..PorterStemmer.Stem(word)]);
        }

        identifier.End();
    }

    private static Span<char> WithoutPossessive(Span<char> word) =>
        word.EndsWith("'s", StringComparison.Ordinal) ? word[..^2] : word;
}
