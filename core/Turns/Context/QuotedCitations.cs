using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansChat.Core.Turns.Context;

/// <summary>Finds the passages that an answer quotes.</summary>
internal static partial class QuotedCitations
{
    /// <summary>The citations that occur in a text as <c>[n]</c> or <c>[n, m]</c>, in the order of their numbers.</summary>
    public static IReadOnlyList<Citation> In(string text, IReadOnlyList<Passage> passages)
    {
        if (passages.Count == 0)
            return [];

        var quoted = new HashSet<int>();
        foreach (var match in Bracket().EnumerateMatches(text))
        {
            var numbers = text.AsSpan(match.Index + 1, match.Length - 2);
            foreach (var part in numbers.Split(','))
            {
                if (int.TryParse(numbers[part], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var n))
                    quoted.Add(n);
            }
        }

        return [.. passages.Select(passage => passage.Citation).Where(citation => quoted.Contains(citation.N)).OrderBy(citation => citation.N)];
    }

    [GeneratedRegex(@"\[[0-9]{1,4}(?:, ?[0-9]{1,4})*\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracket();
}
