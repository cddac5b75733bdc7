namespace OrleansChat.Core.Search.Stores;

/// <summary>The durable side of a store in memory: values by key. A write is atomic, and durable when it completes.</summary>
public interface IPassageLog
{
    /// <summary>The longest value in bytes.</summary>
    int MaxValueBytes { get; }

    /// <summary>Sets a key's value.</summary>
    /// <param name="key">At most <see cref="PassageLogKey.MaxLength"/> characters of ASCII.</param>
    /// <param name="value">The value; does not change until the call completes.</param>
    /// <returns>A task that completes when the value is durable.</returns>
    /// <exception cref="Errors.StorageException">It was not written.</exception>
    ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value);

    /// <summary>Removes a key; one that is not there changes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A task that completes when that is durable.</returns>
    /// <exception cref="Errors.StorageException">It was not removed.</exception>
    ValueTask DeleteAsync(string key);

    /// <summary>All values whose key begins with a prefix, in any order.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>Keys with values.</returns>
    /// <exception cref="Errors.StorageException">A value could not be read.</exception>
    IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadAllAsync(string prefix, CancellationToken cancellationToken);
}
