using System.Text.RegularExpressions;

namespace OrleansChat.Core.Search.Querying;

/// <summary>
/// What a query insists on: phrases in quotation marks, and paths. Hits that hold a phrase word for word, or come from the path, stand before the others, in
/// their own order; what a query does not mark so is ranked as always.
/// </summary>
/// <param name="Phrases">The phrases.</param>
/// <param name="Paths">The paths, or ends of paths.</param>
internal sealed partial record Emphasis(IReadOnlyList<string> Phrases, IReadOnlyList<string> Paths)
{
    private const int MaxItems = 8;
    private const double PhraseBoost = 1;
    private const double PathBoost = 0.5;

    /// <summary>Whether the query insists on anything.</summary>
    public bool IsAny => Phrases.Count + Paths.Count > 0;

    /// <summary>Reads a query.</summary>
    public static Emphasis Read(string query) => new(
        [.. Quoted().Matches(query).Select(match => match.Groups["phrase"].Value.Trim()).Where(phrase => phrase.Length > 0).Take(MaxItems)],
        [.. PathLike().Matches(query).Select(match => match.Value).Take(MaxItems)]);

    /// <summary>The boost of a hit: 0 for none.</summary>
    public double Of(SearchHit hit) =>
        PhraseBoost * Phrases.Count(phrase => Holds(hit.Text, phrase) || Holds(hit.Title, phrase))
        + PathBoost * Paths.Count(path => Holds(hit.Path, path));

    /// <summary>The hits with their boosts, best first.</summary>
    public SearchHit[] Order(SearchHit[] hits) => !IsAny ? hits :
    [
        .. hits.Select(hit => Of(hit) is > 0 and var boost
                ? hit with { Score = hit.Score + boost, Scores = hit.Scores with { Boost = boost } }
                : hit)
            .OrderByDescending(hit => hit.Score),
    ];

    private static bool Holds(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) is true;

    [GeneratedRegex("\"(?<phrase>[^\"]{1,200})\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w""])(?:[\w.-]+/)+[\w.-]+|(?<![\w./""])[\w-]+\.(?:md|txt|rst|cs|py|js|mjs|ts|tsx|jsx|go|java|rs|c|h|cc|cpp|hpp|json|ya?ml|toml|sql|sh|html|css)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PathLike();
}
