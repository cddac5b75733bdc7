namespace OrleansChat.Core.Actors;

/// <summary>What the host gives to an activation.</summary>
public interface IActorContext
{
    /// <summary>The actor's key.</summary>
    string Key { get; }

    /// <summary>The other actors.</summary>
    IActorDirectory Actors { get; }

    /// <summary>Opens a further durable value of this actor, such as a page of messages, and reads it.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="name">Its name within the actor: letters, digits, '-' and '/', at most 100 characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value as stored, or a new one.</returns>
    /// <exception cref="Errors.StorageException">The store could not be read.</exception>
    ValueTask<IActorState<T>> OpenStateAsync<T>(string name, CancellationToken cancellationToken)
        where T : class, new();

    /// <summary>Keeps the activation in memory for at least that long, as while background work runs.</summary>
    /// <param name="duration">Counted from now; a later call extends it.</param>
    void DelayDeactivation(TimeSpan duration);

    /// <summary>Ends the activation once its running calls are done; the next call makes a new one from the stored state.</summary>
    void Deactivate();
}
