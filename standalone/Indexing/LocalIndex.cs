using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;

namespace OrleansChat.Standalone.Indexing;

/// <summary>This process's own collections.</summary>
internal sealed class LocalIndex(CollectionCatalog catalog, CollectionIndexer indexer) : IIndexTarget
{
    private static readonly SearchPayer Operator = new(new ApiKey { Id = ApiKey.LocalId }) { IsPatient = true };

    public async Task PrepareAsync(string collection, CancellationToken cancellationToken) =>
        await catalog.PutAsync(collection, null, null, cancellationToken);

    public async Task<IndexedBatch> IndexAsync(
        string collection, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        var report = await indexer.IndexAsync(collection, documents, Operator, cancellationToken);
        return new IndexedBatch(
            report.Indexed, report.Unchanged, report.Chunks,
            [.. report.Rejected.Select(rejected => new RejectedFile(rejected.Id ?? "", rejected.Problem.Detail))]);
    }

    public async Task<(IReadOnlyList<ListedDocument> Documents, string? Next)> ListAsync(string collection, string? cursor, CancellationToken cancellationToken)
    {
        var page = await indexer.ListAsync(collection, cursor, IIndexTarget.PageSize, cancellationToken);
        return ([.. page.Documents.Select(document => new ListedDocument(document.Id, document.Origin))], page.Next);
    }

    public async Task DeleteAsync(string collection, string id, CancellationToken cancellationToken) =>
        await indexer.DeleteAsync(collection, id, cancellationToken);
}
