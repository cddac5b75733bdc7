namespace OrleansChat.Core.Health.Sla;

/// <summary>Keeps the history of health through restarts, where the host has a place for it.</summary>
public interface ISlaStore
{
    /// <summary>Reads what was kept.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The history; null for none.</returns>
    ValueTask<Dictionary<string, SlaHour[]>?> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps the history.</summary>
    /// <param name="history">All of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask SaveAsync(Dictionary<string, SlaHour[]> history, CancellationToken cancellationToken);
}
