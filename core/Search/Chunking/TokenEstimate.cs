namespace OrleansChat.Core.Search.Chunking;

/// <summary>
/// How many tokens a text is for a language model, without its tokenizer: four ASCII characters a token, which is what OpenAI gives as the
/// rule of thumb for English, and one token for any other UTF-16 code unit, near the truth for Chinese and high elsewhere.
/// Good to about a third either way.
/// </summary>
public static class TokenEstimate
{
    private const int AsciiPerToken = 4;

    /// <summary>The estimate; 0 only for an empty text.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        var ascii = 0;
        foreach (var unit in text)
        {
            if (char.IsAscii(unit))
                ascii++;
        }

        return text.Length - ascii + (ascii + AsciiPerToken - 1) / AsciiPerToken;
    }

    /// <summary>The longest start of a text within so many tokens, in UTF-16 code units; it never ends inside a surrogate pair.</summary>
    public static int Fit(ReadOnlySpan<char> text, int tokens)
    {
        var budget = (long)tokens * AsciiPerToken;
        var length = 0;
        while (length < text.Length && (budget -= char.IsAscii(text[length]) ? 1 : AsciiPerToken) >= 0)
            length++;
        return TextCuts.Whole(text, length);
    }

    /// <summary>The longest end of a text within so many tokens, in UTF-16 code units; it never starts inside a surrogate pair.</summary>
    public static int FitBackward(ReadOnlySpan<char> text, int tokens)
    {
        var budget = (long)tokens * AsciiPerToken;
        var length = 0;
        while (length < text.Length && (budget -= char.IsAscii(text[^(length + 1)]) ? 1 : AsciiPerToken) >= 0)
            length++;
        return length > 0 && length < text.Length && char.IsSurrogatePair(text[^(length + 1)], text[^length]) ? length - 1 : length;
    }
}
