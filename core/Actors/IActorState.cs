namespace OrleansChat.Core.Actors;

/// <summary>
/// One durable value of an actor. It is read before the actor sees it and written only by the actor that owns it.
/// The host checks versions: a write from a stale activation fails and ends that activation.
/// </summary>
/// <typeparam name="T">The value: a class that System.Text.Json can write and read back.</typeparam>
public interface IActorState<T>
    where T : class, new()
{
    /// <summary>The value in memory; a new one when nothing is stored.</summary>
    T Value { get; set; }

    /// <summary>Whether a value is stored.</summary>
    bool Exists { get; }

    /// <summary>
    /// Writes <see cref="Value"/> as it is at the call (it is serialised before the first await) and completes once it is durable.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the write itself may still happen.</param>
    /// <returns>A task that completes when the value is durable.</returns>
    /// <exception cref="Errors.StorageException">The write failed; nothing was acknowledged.</exception>
    ValueTask SaveAsync(CancellationToken cancellationToken);

    /// <summary>Removes the stored value and resets <see cref="Value"/>.</summary>
    /// <param name="cancellationToken">Ends the wait; the removal itself may still happen.</param>
    /// <returns>A task that completes when the removal is durable.</returns>
    /// <exception cref="Errors.StorageException">The removal failed.</exception>
    ValueTask ClearAsync(CancellationToken cancellationToken);
}
