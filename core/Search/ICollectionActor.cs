namespace OrleansChat.Core.Search;

/// <summary>The one owner of a collection's catalog: its settings and what is indexed. Passages themselves live in an <c>IVectorStore</c>.</summary>
public interface ICollectionActor
{
    /// <summary>The collection as it stands.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its settings and counts; null when there is no such collection.</returns>
    ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Creates the collection, or changes its settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collection.</returns>
    ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken);
}

/// <summary>The one owner of the list of collections.</summary>
public interface ICollectionIndexActor
{
    /// <summary>Adds a name; a known one changes nothing.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask AddAsync(string name, CancellationToken cancellationToken);

    /// <summary>All names in ordinal order.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The names.</returns>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
