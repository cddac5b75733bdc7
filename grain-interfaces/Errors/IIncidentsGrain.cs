using OrleansChat.Core.Errors.Incidents;

namespace OrleansChat.GrainInterfaces.Errors;

/// <summary>The incidents of all processes, on the cluster.</summary>
[Alias("orleanschat.incidents")]
public interface IIncidentsGrain : IIncidentsActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IIncidentsActor.ReportAsync"/>
    [Alias("report")]
    new ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken);

    /// <inheritdoc cref="IIncidentsActor.ListAsync"/>
    [Alias("list")]
    new ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken);
}
