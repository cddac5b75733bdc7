using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Search;

/// <summary>
/// The one owner of a collection's settings, its versions and the order of its changes. Documents and passages live in an
/// <see cref="Stores.IVectorStore"/>, each with its content hash, so that one write makes a document whole.
/// </summary>
public interface ICollectionActor
{
    /// <summary>The collection as it stands.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its settings and counts; null when there is no such collection.</returns>
    ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Creates the collection, or changes its settings. Documents indexed before keep their chunks until they are sent again.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collection.</returns>
    /// <exception cref="Errors.RequestException">Another embedding model once documents have been sent: that is a migration.</exception>
    ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken);

    /// <summary>What answers queries now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version and its settings; null when there is no such collection.</returns>
    [Interleaves]
    ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken);

    /// <summary>Asks to change documents. Takes a write only once in some thousand revisions.</summary>
    /// <param name="documents">How many, 1 to 100,000: one revision each.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The permission; null when there is no such collection.</returns>
    ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken);
}
