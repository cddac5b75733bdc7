namespace OrleansChat.Core.Search;

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
