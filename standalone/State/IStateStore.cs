namespace OrleansChat.Standalone.State;

/// <summary>Where the states of actors are kept, as bytes under a key with an optimistic version.</summary>
internal interface IStateStore
{
    /// <summary>Reads a state.</summary>
    /// <returns>Its bytes and version; null when there is none.</returns>
    /// <exception cref="Core.Errors.StorageException">It could not be read.</exception>
    ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a state and completes once it is durable.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its bytes.</param>
    /// <param name="expectedVersion">The version that it replaces; 0 when there must be none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="Core.Errors.StorageException">It was not written, or somebody else wrote first.</exception>
    /// <exception cref="Core.Errors.RequestException"><c>too_large</c>: it has more bytes than can be kept, and was not written.</exception>
    ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Removes a state and completes once that is durable.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="expectedVersion">The version that is removed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Core.Errors.StorageException">It was not removed, or somebody else wrote first.</exception>
    ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken);
}

/// <summary>A state as it is kept.</summary>
/// <param name="Value">Its bytes.</param>
/// <param name="Version">Its version, above 0.</param>
internal readonly record struct StoredState(ReadOnlyMemory<byte> Value, long Version);
