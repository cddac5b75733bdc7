namespace OrleansChat.Core.Backups;

/// <summary>Copies all that a host keeps, while it runs. Hosts whose state is elsewhere have none.</summary>
public interface IBackup
{
    /// <summary>Writes a copy that holds everything acknowledged before the call, and nothing of which only a part was written.</summary>
    /// <param name="destination">Where the copy goes, as a tar archive.</param>
    /// <param name="cancellationToken">Gives the copy up.</param>
    /// <returns>A task.</returns>
    Task WriteAsync(Stream destination, CancellationToken cancellationToken);
}
