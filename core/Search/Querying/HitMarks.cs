using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Marks the words of hits that the query has, and tells how their scores came about.</summary>
internal sealed class HitMarks
{
    private const int MaxHighlights = 64;

    private readonly SearchRequest _request;
    private readonly FusionOptions _fusion;
    private readonly Emphasis _emphasis;
    private readonly QueryTerms _terms;

    public HitMarks(SearchRequest request, FusionOptions fusion, Emphasis emphasis)
    {
        (_request, _fusion, _emphasis) = (request, fusion, emphasis);
        _terms = new QueryTerms(request.Query);
    }

    /// <summary>The hits with what was asked for.</summary>
    public IEnumerable<SearchHit> Mark(IEnumerable<SearchHit> hits) => hits.Select(hit => hit with
    {
        Highlights = _request.Highlight ? [.. _terms.Find(hit.Text, MaxHighlights).Select(found => found.Range)] : null,
        Explanation = _request.Explain ? Explain(hit) : null,
    });

    private HitExplanation Explain(SearchHit hit)
    {
        var text = QueryTerms.Of($"{hit.Title} {hit.Text}").ToHashSet(StringComparer.Ordinal);
        return new HitExplanation(
            [.. _terms.All.Where(text.Contains).Order(StringComparer.Ordinal)],
            [.. _emphasis.Phrases.Where(phrase => hit.Text.Contains(phrase, StringComparison.OrdinalIgnoreCase))],
            _fusion.LexicalWeight,
            _fusion.DenseWeight,
            _fusion.K);
    }
}
