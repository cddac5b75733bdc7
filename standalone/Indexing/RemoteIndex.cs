using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Standalone.Commands;

namespace OrleansChat.Standalone.Indexing;

/// <summary>A running server's collections, over HTTP.</summary>
internal sealed class RemoteIndex(RemoteServer server) : IIndexTarget
{
    public async Task PrepareAsync(string collection, CancellationToken cancellationToken)
    {
        // Without settings, a PUT creates what is missing and leaves what is there.
        using var response = await server.SendAsync(
            HttpMethod.Put, $"/api/collections/{Uri.EscapeDataString(collection)}", new { }, cancellationToken);
    }

    public async Task<IndexedBatch> IndexAsync(
        string collection, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        var route = $"/api/collections/{Uri.EscapeDataString(collection)}/documents";
        using var response = await server.SendAsync(HttpMethod.Post, route, Documents(documents), cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<Answer>(cancellationToken);
        return new IndexedBatch(
            answer!.Indexed, answer.Unchanged, answer.Chunks,
            [.. answer.Rejected.Select(rejected => new RejectedFile(rejected.Id ?? "", rejected.Problem.Detail))]);
    }

    public async Task<(IReadOnlyList<ListedDocument> Documents, string? Next)> ListAsync(string collection, string? cursor, CancellationToken cancellationToken)
    {
        var route = $"/api/collections/{Uri.EscapeDataString(collection)}/documents?limit={IIndexTarget.PageSize}";
        route += cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
        using var response = await server.SendAsync(HttpMethod.Get, route, null, cancellationToken);
        var page = await response.Content.ReadFromJsonAsync<Page>(cancellationToken);
        return (page!.Items, page.NextCursor);
    }

    public async Task DeleteAsync(string collection, string id, CancellationToken cancellationToken)
    {
        try
        {
            var route = $"/api/collections/{Uri.EscapeDataString(collection)}/documents/{Uri.EscapeDataString(id)}";
            using var response = await server.SendAsync(HttpMethod.Delete, route, null, cancellationToken);
        }
        catch (OrleansChatException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
        {
            // Somebody else was first.
        }
    }

    private static object Documents(IReadOnlyList<SourceDocument> documents) =>
        new { documents = documents.Select(document => new { document.Id, document.Text, document.Path, document.Origin }) };

    private sealed record Answer(int Indexed, int Unchanged, int Chunks, IReadOnlyList<Rejection> Rejected);

    private sealed record Page(IReadOnlyList<ListedDocument> Items, string? NextCursor);

    private sealed record Rejection(string? Id, Problem Problem);
}
