using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Finds a turn's passages in collections. Ranks are comparable across collections where scores are not, so the best of each come first.</summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="search">Searches one collection.</param>
public sealed class CollectionRetriever(IActorDirectory actors, CollectionSearch search) : IRetriever
{
    /// <inheritdoc/>
    public async ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken)
    {
        foreach (var name in collections ?? await actors.Collections().ListAsync(cancellationToken))
        {
            if (CollectionName.IsValid(name) && await actors.Collection(name).FindServingAsync(cancellationToken) is not null)
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<Retrieval> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken)
    {
        var names = (collections ?? await actors.Collections().ListAsync(cancellationToken)).Distinct(StringComparer.Ordinal);
        var found = await Task.WhenAll(names.Select(name => SearchAsync(name, query, limit, payer, cancellationToken)));
        var best = found
            .SelectMany(answer => answer.Hits.Select((hit, rank) => (hit, rank)))
            .OrderBy(ranked => ranked.rank).ThenByDescending(ranked => ranked.hit.Scores.Lexical ?? 0)
            .Take(limit);
        Passage[] passages =
        [
            .. best.Select((ranked, i) => new Passage(
                new Citation(i + 1, ranked.hit.DocumentId, ranked.hit.Path, ranked.hit.StartLine, ranked.hit.EndLine), ranked.hit.Title, ranked.hit.Text)),
        ];
        return new Retrieval(passages) { Fallbacks = Fallbacks.Told(found.SelectMany(answer => answer.Fallbacks ?? [])) ?? [] };
    }

    private async Task<SearchAnswer> SearchAsync(string collection, string query, int limit, SearchPayer payer, CancellationToken cancellationToken)
    {
        try
        {
            var request = new SearchRequest
            {
                Collection = collection,
                Query = query.Length <= SearchRequest.MaxQuery ? query : query[..SearchRequest.MaxQuery],
                Limit = Math.Min(limit, SearchRequest.MaxLimit),
                Payer = payer,
            };
            return await search.SearchAsync(request, cancellationToken);
        }
        catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
        {
            return SearchAnswer.Of([], []);
        }
    }
}
