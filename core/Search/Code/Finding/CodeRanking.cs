using System.Runtime.InteropServices;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>Joins what the searches for one question found into one ranking of symbols, each once.</summary>
internal sealed class CodeRanking(CodeQuestion question)
{
    // A name that matches outweighs every rank where it is what was asked for, helps where it is not, and hinders where its uses are.
    private const double DefinitionWeight = 1;
    private const double ExplanationWeight = 0.02;
    private const double UsageWeight = -0.04;
    private const double MentionWeight = 2;
    private const double BesideMentions = 0.1;

    private readonly Dictionary<Key, (SearchHit Hit, double Score)> _found = [];

    /// <summary>Adds what the whole question found.</summary>
    public void AddAsked(IReadOnlyList<SearchHit> hits) => Add(hits, 1);

    /// <summary>Adds the symbols that bear a name of the question.</summary>
    public void AddNamed(IReadOnlyList<SearchHit> hits) => Add(hits, question.Intent == CodeIntent.Usage ? BesideMentions : 1);

    /// <summary>Adds the symbols that mention a name of the question.</summary>
    public void AddMentions(IReadOnlyList<SearchHit> hits) => Add(hits, MentionWeight);

    /// <summary>The best symbols.</summary>
    public IReadOnlyList<CodeHit> Best(int limit) =>
    [
        .. _found.Values
            .Select(found => CodeHit.Of(found.Hit, found.Score + NameScore(found.Hit)))
            .OrderByDescending(hit => hit.Score)
            .ThenBy(hit => hit.Path, StringComparer.Ordinal).ThenBy(hit => hit.StartLine)
            .Take(limit),
    ];

    /// <summary>The different symbols of the name that was asked for, when it names none more closely.</summary>
    public IReadOnlyList<string> Alternatives()
    {
        if (question is not { Intent: CodeIntent.Definition, Symbols: [{ Container: null } name] })
            return [];
        string[] symbols =
        [
            .. _found.Values.Select(found => found.Hit.Code!).Where(code => code.Name == name.Name && code.Container != name.Name
                && code.Container?.EndsWith($".{name.Name}", StringComparison.Ordinal) is not true)
                .Select(code => code.Symbol!).Distinct().Order(StringComparer.Ordinal),
        ];
        return symbols.Length > 1 ? symbols : [];
    }

    private double NameScore(SearchHit hit)
    {
        var match = question.Symbols.Select(name => CodeMatch.Of(hit.Code!, name, hit.Path)).DefaultIfEmpty().Max();
        return match * question.Intent switch
        {
            CodeIntent.Definition => DefinitionWeight,
            CodeIntent.Usage => UsageWeight,
            _ => ExplanationWeight,
        };
    }

    // Of the pieces of one symbol the first stands for it.
    private void Add(IReadOnlyList<SearchHit> hits, double weight)
    {
        for (var rank = 0; rank < hits.Count; rank++)
        {
            var hit = hits[rank];
            if (hit.Code?.Name is null)
                continue;
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _found, new Key(hit.DocumentId, hit.Code.Symbol!, hit.Code.Line), out var isKnown);
            if (!isKnown || hit.StartLine < entry.Hit.StartLine)
                entry.Hit = hit;
            entry.Score += weight / (FusionOptions.DefaultK + rank + 1);
        }
    }

    private readonly record struct Key(string DocumentId, string Symbol, int? Line);
}
