using OrleansChat.Core.Search.Collections;
using OrleansChat.GrainInterfaces.Search;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Search;

/// <summary>Hosts <see cref="CollectionIndexActor"/>.</summary>
[GrainType("collection-index"), CollectionAgeLimit(Minutes = 30)]
internal sealed class CollectionIndexGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<CollectionIndexState>> state)
    : ActorGrain<CollectionIndexActor, CollectionIndexState>(state), ICollectionIndexGrain
{
    public ValueTask AddAsync(string name, CancellationToken cancellationToken) => Actor.AddAsync(name, cancellationToken);

    // An array: the list that the actor makes may be of a type that the wire does not know.
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => (await Actor.ListAsync(cancellationToken)).ToArray();
}
