using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Orders the best hits anew by a model that reads question and text together.</summary>
/// <param name="options">Names the model.</param>
/// <param name="rerankers">The models; null where there are none.</param>
/// <param name="calls">Limits, budgets and breakers; null for none.</param>
public sealed class HitReranking(IOptions<OrleansChatOptions> options, IRerankers? rerankers = null, SearchCalls? calls = null)
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
    /// <exception cref="OrleansChatException">The call was refused, or the model failed.</exception>
    internal async Task<SearchHit[]> OrderAsync(string query, SearchHit[] hits, SearchPayer payer, CancellationToken cancellationToken)
    {
        if (hits.Length == 0 || !UpstreamTarget.TryParse(Options.RerankModel, out var target))
            return hits;
        var scores = await ScoreAsync(target, query, [.. hits.Select(hit => hit.Text)], payer, cancellationToken);
        return
        [
            .. hits.Select((hit, i) => hit with { Score = scores[i], Scores = hit.Scores with { Reranked = scores[i] } })
                .OrderByDescending(hit => hit.Score),
        ];
    }

    private async Task<IReadOnlyList<double>> ScoreAsync(
        UpstreamTarget target, string query, string[] texts, SearchPayer payer, CancellationToken cancellationToken)
    {
        var reranker = rerankers!.Reranker(target);
        if (calls is null)
            return (await reranker.ScoreAsync(query, texts, null, cancellationToken)).Scores;

        // The question is read with each of the texts, and vendors count it as often.
        var call = new SearchCall<IReadOnlyList<double>>(
            target,
            ModelOperation.Rerank,
            SumWithQuery(TokenEstimate.UpperBound),
            () => SumWithQuery(TokenEstimate.Count),
            async (used, opening) =>
            {
                var answer = await reranker.ScoreAsync(query, texts, used, opening);
                used.Answered(answer.Tokens);
                return answer.Scores;
            });
        return await calls.AskAsync(payer, call, cancellationToken);

        long SumWithQuery(Func<string, long> tokens) => (tokens(query) * texts.Length) + texts.Sum(tokens);
    }
}
