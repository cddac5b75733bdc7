using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Orders the best hits anew by a model that reads question and text together.</summary>
/// <param name="options">Names the model.</param>
/// <param name="rerankers">The models; null where there are none.</param>
public sealed class HitReranking(IOptions<OrleansChatOptions> options, IRerankers? rerankers = null)
{
    private SearchOptions Options => options.Value.Search;

    /// <summary>How many hits have to be found, so that the best of them are among those that are ordered anew.</summary>
    /// <exception cref="RequestException">Reranking is asked for where there is none.</exception>
    internal int DepthOf(SearchRequest request)
    {
        if (!request.Rerank)
            return request.Limit;
        if (rerankers is null || Options.RerankModel is null)
            throw RequestException.Invalid("rerank", "No reranker is configured.", "Set Search:RerankModel, or leave 'rerank' out.");
        return Math.Max(request.Limit, Options.RerankCandidates);
    }

    /// <summary>The hits by the model's scores, best first; of equal scores in the order before.</summary>
    /// <exception cref="UpstreamException">The model failed.</exception>
    internal async Task<SearchHit[]> OrderAsync(string query, SearchHit[] hits, CancellationToken cancellationToken)
    {
        if (hits.Length == 0 || !UpstreamTarget.TryParse(Options.RerankModel, out var target))
            return hits;
        var scores = await rerankers!.Reranker(target).ScoreAsync(query, [.. hits.Select(hit => hit.Text)], cancellationToken);
        return
        [
            .. hits.Select((hit, i) => hit with { Score = scores[i], Scores = hit.Scores with { Reranked = scores[i] } })
                .OrderByDescending(hit => hit.Score),
        ];
    }
}
