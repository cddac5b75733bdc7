using OrleansChat.Core.Errors.Incidents;
using OrleansChat.GrainInterfaces.Errors;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Errors;

/// <summary>Hosts <see cref="IncidentsActor"/>.</summary>
[GrainType("incidents"), CollectionAgeLimit(Minutes = 30)]
internal sealed class IncidentsGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<IncidentsState>> state)
    : ActorGrain<IncidentsActor, IncidentsState>(state), IIncidentsGrain
{
    public ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken) => Actor.ReportAsync(batch, cancellationToken);

    public ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken) => Actor.ListAsync(cancellationToken);
}
