using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Standalone.Indexing;

/// <summary>This process's own collections.</summary>
internal sealed class LocalIndex(CollectionCatalog catalog, CollectionIndexer indexer) : IIndexTarget
{
    public async Task PrepareAsync(string collection, CancellationToken cancellationToken) =>
        await catalog.PutAsync(collection, null, null, cancellationToken);

    public async Task<IndexedBatch> IndexAsync(
        string collection, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        var report = await indexer.IndexAsync(collection, documents, cancellationToken);
        return new IndexedBatch(
            report.Indexed, report.Unchanged, report.Chunks,
            [.. report.Rejected.Select(rejected => new RejectedFile(rejected.Id ?? "", rejected.Problem.Detail))]);
    }
}
