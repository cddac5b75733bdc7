using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Querying;

/// <summary>Searches a collection. When its embedding model fails or may not be asked, the words alone are searched and the answer says so.</summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="store">Where passages are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="reranking">Orders hits anew where that is asked for.</param>
/// <param name="time">Measures.</param>
/// <param name="logger">Told of degraded searches.</param>
/// <param name="fallbacks">Told of them too; null for nobody.</param>
public sealed partial class CollectionSearch(
    IActorDirectory actors, IVectorStore store, SearchEmbeddings embeddings, HitReranking reranking, TimeProvider time, ILogger<CollectionSearch> logger,
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
        return await ReadAsync(request.Collection, serving => SearchAsync(serving, request, cancellationToken), cancellationToken);
    }

    /// <summary>Reads from what answers a collection's queries now, in as many searches as it takes.</summary>
    /// <exception cref="RequestException">There is no such collection.</exception>
    internal ValueTask<T> ReadAsync<T>(string collection, Func<ServingVersion, ValueTask<T>> read, CancellationToken cancellationToken) =>
        CollectionName.IsValid(collection)
            ? actors.Collection(collection).ReadServingAsync(collection, read, cancellationToken)
            : throw RequestException.NoCollection(collection);

    /// <summary>Searches one version, so that several searches of one question see the same.</summary>
    internal async ValueTask<SearchAnswer> SearchAsync(ServingVersion serving, SearchRequest request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var query = new PassageQuery { Mode = request.Mode, Text = request.Query, Filter = request.Filter, Limit = reranking.DepthOf(request) };
        var emphasis = Emphasis.Read(request.Query);
        if (emphasis.IsAny)
            query = query with { Limit = Math.Max(query.Limit, query.Fusion.Candidates) };
        await CheckFieldsAsync(serving, request.Filter, cancellationToken);
        Problem? cause = null;
        var used = new List<string>();
        if (request.Mode != SearchMode.Lexical)
        {
            try
            {
                query = await WithVectorAsync(query, serving, request.Payer, cancellationToken);
                fallbacks?.Leave(Fallbacks.DenseSearch);
            }
            catch (OrleansChatException failure)
            {
                if (IsRefusal(failure))
                {
                    // The caller's own limits say nothing about the server's health.
                    LogRefused(request.Collection, failure.Problem.Subject);
                }
                else
                {
                    fallbacks?.Enter(Fallbacks.DenseSearch, failure.Problem.Code);
                    LogDegraded(request.Collection, serving.Settings.EmbeddingModel, failure);
                }

                cause = failure.Problem;
                used.Add(Fallbacks.DenseSearch);
                query = query with { Mode = SearchMode.Lexical };
            }
        }

        var ranked = await store.SearchAsync(serving.Version, query, cancellationToken);
        var hits = emphasis.Order([.. ranked.Select(SearchHit.Of)]);
        if (request.Rerank)
        {
            try
            {
                var isAsked = hits.Length > 0;
                hits = await reranking.OrderAsync(request.Query, hits, request.Payer, cancellationToken);
                if (isAsked)
                    fallbacks?.Leave(Fallbacks.Reranking);
            }
            catch (OrleansChatException failure)
            {
                if (IsRefusal(failure))
                {
                    LogRefused(request.Collection, failure.Problem.Subject);
                }
                else
                {
                    fallbacks?.Enter(Fallbacks.Reranking, failure.Problem.Code);
                    LogNotReranked(request.Collection, failure);
                }

                cause ??= failure.Problem;
                used.Add(Fallbacks.Reranking);
            }
        }

        hits = hits.Length <= request.Limit ? hits : hits[..request.Limit];
        if (request.Highlight || request.Explain)
            hits = [.. new HitMarks(request, query.Fusion, emphasis).Mark(hits)];
        return new SearchAnswer(hits, cause is not null, cause, time.GetElapsedTime(start).TotalMilliseconds) { Fallbacks = Fallbacks.Told(used) };
    }

    // A misspelt field would otherwise look like nothing found. An empty collection has no fields to compare with.
    private async ValueTask CheckFieldsAsync(ServingVersion serving, SearchFilter? filter, CancellationToken cancellationToken)
    {
        if (filter is null)
            return;
        foreach (var field in FilterFields.Of(filter).Except(PassageField.Names).Distinct(StringComparer.Ordinal))
        {
            if (!await store.HasFieldAsync(serving.Version, field, cancellationToken) && (await store.CountAsync(serving.Version, cancellationToken)).Documents > 0)
            {
                throw RequestException.Invalid(
                    "filter",
                    $"No document of collection '{serving.Version.Collection}' has a field '{field}'.",
                    $"Filter on a metadata field of its documents, or on {string.Join(", ", PassageField.Names)}.");
            }
        }
    }

    private async ValueTask<PassageQuery> WithVectorAsync(PassageQuery query, ServingVersion serving, SearchPayer payer, CancellationToken cancellationToken)
    {
        var settings = serving.Settings;
        var vectors = await embeddings.EmbedAsync(settings.EmbeddingModel, EmbeddingPurpose.Query, [query.Text], payer, cancellationToken);
        if (vectors[0].Length != settings.Dimension)
            throw new UpstreamException(settings.EmbeddingModel, UpstreamFailure.Protocol, $"the query's vector does not have {settings.Dimension} dimensions.");
        var weight = embeddings.Generator(settings.EmbeddingModel).GetService<DenseWeight>()?.Value
            ?? serving.Trial?.DenseWeight ?? ModelTrial.UntriedWeight;
        return query with { Vector = vectors[0], Fusion = query.Fusion with { DenseWeight = weight } };
    }

    private static bool IsRefusal(OrleansChatException failure) => failure is RequestException
    {
        Problem: { } problem
    } && (problem.Code == ProblemCode.RateLimited.Name || problem.Code == ProblemCode.BudgetExceeded.Name);

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

    [LoggerMessage(3, LogLevel.Information, "A search of collection {Collection} went on without a model: {Limit} refused its call.")]
    private partial void LogRefused(string collection, string? limit);

    [LoggerMessage(2, LogLevel.Warning, "Hits of collection {Collection} keep their order: the reranking model failed.")]
    private partial void LogNotReranked(string collection, Exception failure);
}
