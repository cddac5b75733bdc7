using OrleansChat.Core.Search.Indexing;

namespace OrleansChat.Core.Search.Stores;

/// <summary>
/// Keeps the documents of collection versions durably, each with its passages, vectors and content hash as one thing, and answers queries
/// over them. A change is durable when it is acknowledged, and seen in whole or not at all. Of changes to one document the one with the highest
/// revision wins, in whatever order they arrive. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Every method but <see cref="CreateAsync"/> and <see cref="DropAsync"/> throws <see cref="Errors.RequestException"/> (<c>not_found</c>) for a version
/// that does not exist, and all throw <see cref="Errors.StorageException"/> when the store cannot be reached.
/// </remarks>
public interface IVectorStore
{
    /// <summary>Creates a version; one that exists with the same dimension stays as it is.</summary>
    /// <param name="version">The version.</param>
    /// <param name="dimension">The length of its vectors.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    /// <exception cref="Errors.RequestException">It exists with another dimension.</exception>
    ValueTask CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken);

    /// <summary>Removes a version and all it holds; an unknown one changes nothing.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask DropAsync(CollectionVersion version, CancellationToken cancellationToken);

    /// <summary>The documents with these ids that there are.</summary>
    /// <param name="version">The version.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The documents by id.</returns>
    ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindAsync(
        CollectionVersion version, IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>The documents of a version, a page at a time, in an order of the store's own. Those that come and go meanwhile may be missed.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    ValueTask<DocumentPage> ListAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The deletions that are remembered of documents which are not there, a page at a time, in an order of the store's own. A store remembers a deletion
    /// at least as long as a put from before it may be under way.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    ValueTask<DeletionPage> ListDeletionsAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>A document's passages in order, with their vectors at any magnitude.</summary>
    /// <param name="version">The version.</param>
    /// <param name="documentId">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document; null when there is none.</returns>
    ValueTask<DocumentPassages?> ReadAsync(CollectionVersion version, string documentId, CancellationToken cancellationToken);

    /// <summary>Puts a document in the place of the one with its id, unless that one has a higher revision.</summary>
    /// <param name="version">The version.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellationToken">Ends the wait; the change itself may still happen.</param>
    /// <returns>Whether it took its place; false when a later change was there first.</returns>
    /// <exception cref="Errors.RequestException">A vector has another dimension or is not finite, or the document is too large.</exception>
    ValueTask<bool> PutAsync(CollectionVersion version, DocumentPassages document, CancellationToken cancellationToken);

    /// <summary>Deletes a document, unless it has a higher revision.</summary>
    /// <param name="version">The version.</param>
    /// <param name="documentId">Its id.</param>
    /// <param name="revision">The revision of the deletion: a put with a lower one that arrives later is not carried out.</param>
    /// <param name="cancellationToken">Ends the wait; the change itself may still happen.</param>
    /// <returns>Whether there was such a document.</returns>
    ValueTask<bool> DeleteAsync(CollectionVersion version, string documentId, long revision, CancellationToken cancellationToken);

    /// <summary>The best passages for a query, best first.</summary>
    /// <param name="version">The version.</param>
    /// <param name="query">The query in whole.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>At most <see cref="PassageQuery.Limit"/> passages.</returns>
    /// <exception cref="Errors.RequestException">The vector has another dimension.</exception>
    ValueTask<IReadOnlyList<RankedPassage>> SearchAsync(CollectionVersion version, PassageQuery query, CancellationToken cancellationToken);

    /// <summary>Whether any document of a version has, or had, a metadata field.</summary>
    /// <param name="version">The version.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether one has.</returns>
    ValueTask<bool> HasFieldAsync(CollectionVersion version, string field, CancellationToken cancellationToken);

    /// <summary>How much a version holds.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The counts.</returns>
    ValueTask<StoreCounts> CountAsync(CollectionVersion version, CancellationToken cancellationToken);
}
