namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// Adds the terms by which identifiers of several words are found beside those of plain text: for <c>readLine</c> its parts, for <c>read_line</c> both
/// parts as one word. So either spelling, and plain words, find each other.
/// </summary>
/// <param name="text">The text that is analysed.</param>
/// <param name="buffer">Room for the longest term.</param>
/// <param name="terms">Where the terms go.</param>
internal ref struct IdentifierTerms(ReadOnlySpan<char> text, Span<char> buffer, TermBuffer terms)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _joined = buffer;
    private int _length;
    private int _parts;
    private int _end = -1;

    /// <summary>Takes the next word of the text, before its own term is added.</summary>
    public void Take(Range source)
    {
        var (start, end) = (source.Start.Value, source.End.Value);
        if (_end < 0 || start <= _end || _text[_end..start].ContainsAnyExcept('_'))
            End();
        _end = end;
        var word = _text[start..end];
        if (_length + word.Length > _joined.Length || !System.Text.Ascii.IsValid(word))
        {
            (_length, _parts) = (0, 0);
            return;
        }

        word.ToLowerInvariant(_joined[_length..]);
        _length += word.Length;
        _parts++;
        if (word.Length > 2 && word[1..].ContainsAnyInRange('A', 'Z'))
            AddHumps(word);
    }

    /// <summary>Ends the current identifier.</summary>
    public void End()
    {
        if (_parts > 1)
            Add(_joined[.._length]);
        (_length, _parts, _end) = (0, 0, -1);
    }

    // readHTTPHeader2 has read, http and header2. A word of one hump adds nothing.
    private readonly void AddHumps(ReadOnlySpan<char> word)
    {
        Span<char> part = stackalloc char[EnglishAnalyzer.MaxTermLength];
        for (var (start, i) = (0, 1); i <= word.Length; i++)
        {
            var isBoundary = i == word.Length
                || (char.IsAsciiLetterUpper(word[i]) && (char.IsAsciiLetterLower(word[i - 1]) || char.IsAsciiDigit(word[i - 1])
                    || (char.IsAsciiLetterUpper(word[i - 1]) && i + 1 < word.Length && char.IsAsciiLetterLower(word[i + 1]))));
            if (!isBoundary)
                continue;
            if (i - start > 1 && i - start < word.Length)
            {
                word[start..i].ToLowerInvariant(part);
                Add(part[..(i - start)]);
            }

            start = i;
        }
    }

    private readonly void Add(Span<char> term)
    {
        if (!EnglishStopWords.Contains(term))
            terms.Add(term[..PorterStemmer.Stem(term)]);
    }
}
