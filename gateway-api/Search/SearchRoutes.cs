using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Search;

/// <summary><c>/api/collections</c>, <c>/api/search</c> and <c>/api/find-code</c>.</summary>
internal static class SearchRoutes
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1_000;

    /// <summary>Maps the routes.</summary>
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        var collections = routes.MapGroup("/api/collections").WithTags("Search").AddEndpointFilter(CheckNameAsync);
        collections.MapPut("/{name}", PutAsync);
        collections.MapGet("", ListAsync);
        collections.MapGet("/{name}", GetAsync);
        collections.MapPost("/{name}/documents", IndexAsync);
        collections.MapGet("/{name}/documents", ListDocumentsAsync);

        collections.MapPost("/{name}/migrations", MigrationRoutes.StartAsync);
        collections.MapGet("/{name}/migrations", MigrationRoutes.ListAsync);
        collections.MapGet("/{name}/migrations/{id}", MigrationRoutes.GetAsync);
        collections.MapPost("/{name}/migrations/{id}/{command:regex(^(pause|resume|rollback|finish)$)}", MigrationRoutes.CommandAsync);

        // A document's id is often a path, so it may hold slashes.
        collections.MapDelete("/{name}/documents/{**id}", DeleteAsync);
        routes.MapPost("/api/search", SearchAsync).WithTags("Search");
        routes.MapPost("/api/find-code", FindCodeAsync).WithTags("Search");
    }

    private static ValueTask<object?> CheckNameAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        if (call.HttpContext.GetRouteValue("name") is string name)
            Caller.Of(call.HttpContext).CheckCollection(name);
        return next(call);
    }

    private static async Task<Results<Ok<CollectionInfo>, Created<CollectionInfo>>> PutAsync(
        string name, Body<PutCollection> body, CollectionCatalog catalog, CancellationToken cancellationToken)
    {
        var (collection, isNew) = await catalog.PutAsync(name, body.Value.EmbeddingModel, body.Value.Chunker, cancellationToken);
        return isNew ? TypedResults.Created($"/api/collections/{name}", collection) : TypedResults.Ok(collection);
    }

    private static async Task<Ok<CollectionList>> ListAsync(Caller caller, CollectionCatalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CollectionList([.. (await catalog.ListAsync(cancellationToken)).Where(collection => caller.Key.MayUse(collection.Name))]));

    private static async Task<Ok<CollectionInfo>> GetAsync(string name, CollectionCatalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok(await catalog.GetAsync(name, cancellationToken));

    private static async Task<Ok<IngestionReport>> IndexAsync(
        string name, Caller caller, Body<DocumentsBody> body, CollectionIndexer indexer, DrainGate drain, CancellationToken cancellationToken)
    {
        drain.Enter();
        var report = await indexer.IndexAsync(name, body.Value.Documents, new SearchPayer(caller.Key), cancellationToken);
        return TypedResults.Ok(report with { Rejected = [.. body.Value.Rejected, .. report.Rejected] });
    }

    private static async Task<Ok<DocumentList>> ListDocumentsAsync(
        string name, HttpRequest request, CollectionIndexer indexer, CancellationToken cancellationToken)
    {
        var limit = (int)(request.Query.Whole("limit", 1, MaxPage) ?? DefaultPage);
        var page = await indexer.ListAsync(name, request.Query.Text("cursor", DocumentRules.MaxId), limit, cancellationToken);
        return TypedResults.Ok(new DocumentList([.. page.Documents.Select(document => new ListedDocument(document.Id, document.Chunks, document.Origin))], page.Next));
    }

    private static async Task<NoContent> DeleteAsync(
        string name, string id, HttpContext context, CollectionIndexer indexer, CancellationToken cancellationToken)
    {
        var document = RawPath.After(context, "/documents/", id);
        return await indexer.DeleteAsync(name, document, cancellationToken)
            ? TypedResults.NoContent()
            : throw RequestException.NotFound("document", document.Length <= DocumentRules.MaxId ? document : document[..DocumentRules.MaxId]);
    }

    private static async Task<Ok<SearchAnswer>> SearchAsync(Caller caller, Body<SearchBody> body, CollectionSearch search, CancellationToken cancellationToken)
    {
        var request = body.Value.ToRequest() with { Payer = new SearchPayer(caller.Key) };
        caller.Key.CheckCollection(request.Collection);
        return TypedResults.Ok(await search.SearchAsync(request, cancellationToken));
    }

    private static async Task<Ok<CodeAnswer>> FindCodeAsync(Caller caller, Body<FindCodeBody> body, CodeSearch search, CancellationToken cancellationToken)
    {
        var request = body.Value.Request with { Payer = new SearchPayer(caller.Key) };
        caller.Key.CheckCollection(request.Collection);
        return TypedResults.Ok(await search.FindAsync(request, cancellationToken));
    }

    internal sealed record DocumentList(IReadOnlyList<ListedDocument> Items, string? NextCursor);

    internal sealed record ListedDocument(string Id, int Chunks, string? Origin);

    internal sealed record CollectionList(IReadOnlyList<CollectionInfo> Items);
}
