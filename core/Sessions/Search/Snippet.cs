using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>The part of a text that shows best why a query found it.</summary>
/// <param name="Text">The part.</param>
/// <param name="Highlights">Where it has words of the query.</param>
/// <param name="Terms">How many of the query's terms the whole text has.</param>
internal sealed record Snippet(string Text, IReadOnlyList<TextRange> Highlights, int Terms)
{
    /// <summary>The longest part.</summary>
    public const int MaxLength = 240;

    /// <summary>Characters in front of the first word found.</summary>
    private const int Before = 40;

    private const int MaxWords = 256;

    /// <summary>The snippet of a text: where most terms stand together, of equals the first place.</summary>
    public static Snippet Of(string text, QueryTerms query)
    {
        var found = query.Find(text, MaxWords);
        var start = found.Count == 0 ? 0 : Start(text, found[Densest(found)].Range.Start);
        var end = End(text, start);
        return new Snippet(
            text[start..end],
            [.. found.Where(word => word.Range.Start >= start && word.Range.End <= end).Select(word => new TextRange(word.Range.Start - start, word.Range.End - start))],
            found.Select(word => word.Term).Distinct(StringComparer.Ordinal).Count());
    }

    private static int Densest(List<(TextRange Range, string Term)> found)
    {
        var (best, most) = (0, 0);
        for (var i = 0; i < found.Count; i++)
        {
            var limit = found[i].Range.Start + MaxLength - (2 * Before);
            var terms = found.Skip(i).TakeWhile(word => word.Range.End <= limit).Select(word => word.Term).Distinct(StringComparer.Ordinal).Count();
            if (terms > most)
                (best, most) = (i, terms);
        }

        return best;
    }

    /// <summary>A little before a word, at the beginning of another.</summary>
    private static int Start(string text, int word)
    {
        var from = word - Before;
        if (from <= 0)
            return 0;

        var gap = text.AsSpan(from, word - from).IndexOfAny(" \n\t");
        return gap >= 0 ? from + gap + 1 : char.IsLowSurrogate(text[from]) ? from + 1 : from;
    }

    private static int End(string text, int start)
    {
        var to = start + MaxLength;
        if (to >= text.Length)
            return text.Length;

        var gap = text.AsSpan(to - Before, Before).LastIndexOfAny(" \n\t");
        return gap >= 0 ? to - Before + gap : char.IsHighSurrogate(text[to - 1]) ? to - 1 : to;
    }
}
