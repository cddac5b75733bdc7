using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;

namespace OrleansChat.Core.Search.Stores;

/// <summary>Where no vector store is configured: chats work, and whoever wants to index or search is told what is missing.</summary>
public sealed class NoVectorStore : IVectorStore
{
    /// <inheritdoc/>
    public ValueTask CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask DropAsync(CollectionVersion version, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindAsync(
        CollectionVersion version, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<DocumentPage> ListAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<DeletionPage> ListDeletionsAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<DocumentPassages?> ReadAsync(CollectionVersion version, string documentId, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<bool> PutAsync(CollectionVersion version, DocumentPassages document, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(CollectionVersion version, string documentId, long revision, CancellationToken cancellationToken) =>
        throw Missing();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RankedPassage>> SearchAsync(
        CollectionVersion version, PassageQuery query, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<bool> HasFieldAsync(CollectionVersion version, string field, CancellationToken cancellationToken) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<StoreCounts> CountAsync(CollectionVersion version, CancellationToken cancellationToken) => throw Missing();

    private static OrleansChatException Missing() =>
        new(Problem.Of(ProblemCode.UpstreamUnavailable, "No vector store is configured on this cluster.", "Ask the operator to configure one."));
}
