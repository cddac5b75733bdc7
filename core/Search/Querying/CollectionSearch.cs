using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Searches a collection. When its embedding model fails, the words alone are searched and the answer says so.</summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="store">Where passages are.</param>
/// <param name="upstreams">The embedding models.</param>
/// <param name="time">Measures.</param>
/// <param name="logger">Told of degraded searches.</param>
/// <param name="fallbacks">Told of them too; null for nobody.</param>
public sealed partial class CollectionSearch(
    IActorDirectory actors, IVectorStore store, IUpstreams upstreams, TimeProvider time, ILogger<CollectionSearch> logger,
    Fallbacks? fallbacks = null)
{
    /// <summary>Searches.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="RequestException">There is no such collection, or the request breaks a rule.</exception>
    /// <exception cref="StorageException">The store could not be reached.</exception>
    public async ValueTask<SearchAnswer> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        Validate(request);
        return await SearchAsync(await FindServingAsync(request.Collection, cancellationToken), request, cancellationToken);
    }

    /// <summary>What answers a collection's queries now.</summary>
    /// <exception cref="RequestException">There is no such collection.</exception>
    internal async ValueTask<ServingVersion> FindServingAsync(string collection, CancellationToken cancellationToken) =>
        (CollectionName.IsValid(collection) ? await actors.Collection(collection).FindServingAsync(cancellationToken) : null)
            ?? throw RequestException.NotFound("collection", collection);

    /// <summary>Searches one version, so that several searches of one question see the same.</summary>
    internal async ValueTask<SearchAnswer> SearchAsync(ServingVersion serving, SearchRequest request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var query = new PassageQuery { Mode = request.Mode, Text = request.Query, Filter = request.Filter, Limit = request.Limit };
        Problem? cause = null;
        if (request.Mode != SearchMode.Lexical)
        {
            try
            {
                query = await WithVectorAsync(query, serving.Settings, cancellationToken);
                fallbacks?.Leave(Fallbacks.DenseSearch);
            }
            catch (OrleansChatException failure)
            {
                fallbacks?.Enter(Fallbacks.DenseSearch, failure.Problem.Code);
                LogDegraded(request.Collection, serving.Settings.EmbeddingModel, failure);
                cause = failure.Problem;
                query = query with { Mode = SearchMode.Lexical };
            }
        }

        var ranked = await store.SearchAsync(serving.Version, query, cancellationToken);
        return new SearchAnswer([.. ranked.Select(SearchHit.Of)], cause is not null, cause, time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async ValueTask<PassageQuery> WithVectorAsync(PassageQuery query, CollectionSettings settings, CancellationToken cancellationToken)
    {
        if (!UpstreamTarget.TryParse(settings.EmbeddingModel, out var target))
            throw RequestException.Invalid("embeddingModel", $"'{settings.EmbeddingModel}' is not an embedding model.");
        var generator = upstreams.Embeddings(target);
        var embeddings = await generator.GenerateAsync([query.Text], cancellationToken: cancellationToken);
        if (embeddings.Count != 1 || embeddings[0].Vector.Length != settings.Dimension)
            throw new UpstreamException(target.Upstream, UpstreamFailure.Protocol, $"the query's vector does not have {settings.Dimension} dimensions.");
        var weight = generator.GetService<DenseWeight>()?.Value ?? 1;
        return query with { Vector = embeddings[0].Vector, Fusion = query.Fusion with { DenseWeight = weight } };
    }

    internal static void Validate(SearchRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Query))
            throw RequestException.Invalid("query", "The query is empty.", "Ask something.");
        if (request.Query.Length > SearchRequest.MaxQuery)
            throw RequestException.Invalid("query", $"The query has more than {SearchRequest.MaxQuery} characters.", "Shorten the query.");
        if (request.Limit is < 1 or > SearchRequest.MaxLimit)
            throw RequestException.Invalid("limit", $"The limit is {request.Limit}; 1 to {SearchRequest.MaxLimit} are allowed.");
    }

    [LoggerMessage(1, LogLevel.Warning, "Collection {Collection} is searched by words alone: embedding model {Model} failed.")]
    private partial void LogDegraded(string collection, string model, Exception failure);
}
