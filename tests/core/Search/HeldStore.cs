using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search;

/// <summary>A store as one of its callers has it: each call may be held before it takes effect.</summary>
/// <param name="store">What the others have.</param>
internal sealed class HeldStore(IVectorStore store) : IVectorStore
{
    /// <summary>Awaited before each call, with its name, the version and, for a call on one document, its id.</summary>
    public Func<string, CollectionVersion, string?, Task> Before { get; set; } = static (_, _, _) => Task.CompletedTask;

    public async ValueTask CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken)
    {
        await Before(nameof(CreateAsync), version, null);
        await store.CreateAsync(version, dimension, cancellationToken);
    }

    public async ValueTask DropAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        await Before(nameof(DropAsync), version, null);
        await store.DropAsync(version, cancellationToken);
    }

    public async ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindAsync(
        CollectionVersion version, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await Before(nameof(FindAsync), version, null);
        return await store.FindAsync(version, ids, cancellationToken);
    }

    public async ValueTask<DocumentPage> ListAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await Before(nameof(ListAsync), version, null);
        return await store.ListAsync(version, cursor, limit, cancellationToken);
    }

    public async ValueTask<DeletionPage> ListDeletionsAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await Before(nameof(ListDeletionsAsync), version, null);
        return await store.ListDeletionsAsync(version, cursor, limit, cancellationToken);
    }

    public async ValueTask<DocumentPassages?> ReadAsync(CollectionVersion version, string documentId, CancellationToken cancellationToken)
    {
        await Before(nameof(ReadAsync), version, documentId);
        return await store.ReadAsync(version, documentId, cancellationToken);
    }

    public async ValueTask<bool> PutAsync(CollectionVersion version, DocumentPassages document, CancellationToken cancellationToken)
    {
        await Before(nameof(PutAsync), version, document.Document.Id);
        return await store.PutAsync(version, document, cancellationToken);
    }

    public async ValueTask<bool> DeleteAsync(CollectionVersion version, string documentId, long revision, CancellationToken cancellationToken)
    {
        await Before(nameof(DeleteAsync), version, documentId);
        return await store.DeleteAsync(version, documentId, revision, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<RankedPassage>> SearchAsync(CollectionVersion version, PassageQuery query, CancellationToken cancellationToken)
    {
        await Before(nameof(SearchAsync), version, null);
        return await store.SearchAsync(version, query, cancellationToken);
    }

    public async ValueTask<bool> HasFieldAsync(CollectionVersion version, string field, CancellationToken cancellationToken)
    {
        await Before(nameof(HasFieldAsync), version, null);
        return await store.HasFieldAsync(version, field, cancellationToken);
    }

    public async ValueTask<StoreCounts> CountAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        await Before(nameof(CountAsync), version, null);
        return await store.CountAsync(version, cancellationToken);
    }
}
