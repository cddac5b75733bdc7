namespace OrleansChat.Providers.Builtin;

/// <summary>The terms by which a sentence and a question are compared: words of three letters and more, in lower case.</summary>
internal static class SentenceTerms
{
    private const int MinLength = 3;

    /// <summary>The distinct terms of a text.</summary>
    public static HashSet<string> Of(string text)
    {
        var terms = new HashSet<string>(StringComparer.Ordinal);
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                start = start < 0 ? i : start;
                continue;
            }

            if (start >= 0 && i - start >= MinLength)
                terms.Add(text[start..i].ToLowerInvariant());
            start = -1;
        }

        return terms;
    }
}
