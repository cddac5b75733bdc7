namespace OrleansChat.Core.Search.Rows;

/// <summary>
/// Bytes that are appended once and read by their place, for as long as the store lives. One writer at a time; any number of readers beside it.
/// What is in it does not outlive the process.
/// </summary>
public interface IByteStore
{
    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Their place.</returns>
    /// <exception cref="Errors.StorageException">There is no room for them; nothing was appended.</exception>
    long Append(ReadOnlySpan<byte> bytes);

    /// <summary>Reads bytes that were appended together.</summary>
    /// <param name="place">Their place.</param>
    /// <param name="target">Takes as many as it is long.</param>
    void Read(long place, Span<byte> target);
}

/// <summary>Makes stores for the texts and vectors of an index in memory.</summary>
public interface IByteStores
{
    /// <summary>Makes an empty store; it is given up with its last reference.</summary>
    /// <returns>The store.</returns>
    /// <exception cref="Errors.StorageException">There is no room for one.</exception>
    IByteStore Create();
}
