using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Marks the words of hits that the query has, and tells how their scores came about.</summary>
internal sealed class HitMarks
{
    private const int MaxHighlights = 64;

    private readonly SearchRequest _request;
    private readonly FusionOptions _fusion;
    private readonly Emphasis _emphasis;
    private readonly HashSet<string> _terms;

    public HitMarks(SearchRequest request, FusionOptions fusion, Emphasis emphasis)
    {
        (_request, _fusion, _emphasis) = (request, fusion, emphasis);
        _terms = [.. TermsOf(request.Query)];
    }

    /// <summary>The hits with what was asked for.</summary>
    public IEnumerable<SearchHit> Mark(IEnumerable<SearchHit> hits) => hits.Select(hit => hit with
    {
        Highlights = _request.Highlight ? Highlights(hit.Text) : null,
        Explanation = _request.Explain ? Explain(hit) : null,
    });

    private List<TextRange> Highlights(string text)
    {
        var ranges = new List<TextRange>();
        var words = new WordSplitter(text);
        while (ranges.Count < MaxHighlights && words.MoveNext())
        {
            var (start, end) = (words.Source.Start.Value, words.Source.End.Value);
            if (TermsOf(text.AsSpan(start, end - start)).Any(_terms.Contains))
                ranges.Add(new TextRange(start, end));
        }

        return ranges;
    }

    private HitExplanation Explain(SearchHit hit)
    {
        var text = TermsOf($"{hit.Title} {hit.Text}").ToHashSet(StringComparer.Ordinal);
        return new HitExplanation(
            [.. _terms.Where(text.Contains).Order(StringComparer.Ordinal)],
            [.. _emphasis.Phrases.Where(phrase => hit.Text.Contains(phrase, StringComparison.OrdinalIgnoreCase))],
            _fusion.LexicalWeight,
            _fusion.DenseWeight,
            _fusion.K);
    }

    private static string[] TermsOf(ReadOnlySpan<char> text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return terms.ToArray();
    }
}
