using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Collections;
using OrleansChat.GrainInterfaces.Search;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Search;

/// <summary>Hosts <see cref="CollectionActor"/>.</summary>
[GrainType("collection"), CollectionAgeLimit(Minutes = 30)]
internal sealed class CollectionGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<CollectionState>> state)
    : ActorGrain<CollectionActor, CollectionState>(state), ICollectionGrain
{
    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) => Actor.DescribeAsync(cancellationToken);

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        Actor.ConfigureAsync(settings, cancellationToken);

    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) => Actor.FindServingAsync(cancellationToken);

    public ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken) =>
        Actor.BeginIngestionAsync(documents, cancellationToken);
}
