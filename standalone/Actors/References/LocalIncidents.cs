using OrleansChat.Core.Errors.Incidents;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IIncidentsActor"/> in this process.</summary>
internal sealed class LocalIncidents(ActorReference<IIncidentsActor> actor) : IIncidentsActor
{
    private static readonly ActorMethod Report = ActorMethod.Of<IIncidentsActor>(nameof(ReportAsync));
    private static readonly ActorMethod List = ActorMethod.Of<IIncidentsActor>(nameof(ListAsync));

    public ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken) =>
        actor.CallAsync(Report, static (target, batch, token) => target.ReportAsync(batch, token), batch, cancellationToken);

    public ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(List, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
