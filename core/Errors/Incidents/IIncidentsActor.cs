namespace OrleansChat.Core.Errors.Incidents;

/// <summary>The one owner of incidents: a pattern across processes is raised once, and survives them all.</summary>
public interface IIncidentsActor
{
    /// <summary>Takes the failures of a process in; a repeat of the same report changes nothing.</summary>
    /// <param name="batch">The failures.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is known after it.</returns>
    ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken);

    /// <summary>What is known.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Incidents and counts.</returns>
    ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken);
}
