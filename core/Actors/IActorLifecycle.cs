namespace OrleansChat.Core.Actors;

/// <summary>
/// Implemented by an actor class that prepares itself or cleans up. All methods run on the actor's scheduler, and no call runs beside the first and the last.
/// </summary>
public interface IActorLifecycle
{
    /// <summary>Runs after the state is read and before the first call.</summary>
    /// <param name="cancellationToken">Cancelled when the host stops.</param>
    /// <returns>A task; its failure fails the calls that were waiting and leaves no activation.</returns>
    ValueTask ActivateAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Runs after the last call: background work ends here and what is unsaved is saved.</summary>
    /// <param name="cancellationToken">Cancelled when the host will wait no longer.</param>
    /// <returns>A task.</returns>
    ValueTask DeactivateAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Told that the activation ends when its calls have: what they wait for may not be put off any longer. Hosts in which nothing is put off need not tell.
    /// </summary>
    void Close()
    {
    }
}
