using OrleansChat.Core.Health.Sla;
using OrleansChat.GrainInterfaces.Health;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Health;

/// <summary>Hosts <see cref="SlaActor"/>.</summary>
[GrainType("sla"), CollectionAgeLimit(Minutes = 30)]
internal sealed class SlaGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<SlaState>> state)
    : ActorGrain<SlaActor, SlaState>(state), ISlaGrain
{
    public ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken) => Actor.ReportAsync(report, cancellationToken);

    public ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken) => Actor.ReadAsync(cancellationToken);
}
