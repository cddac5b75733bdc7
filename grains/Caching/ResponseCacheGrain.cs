using OrleansChat.Core.Caching;
using OrleansChat.GrainInterfaces.Caching;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Caching;

/// <summary>Hosts <see cref="ResponseCacheActor"/>.</summary>
[GrainType("response-cache"), CollectionAgeLimit(Minutes = 30)]
internal sealed class ResponseCacheGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<CacheShardState>> state)
    : ActorGrain<ResponseCacheActor, CacheShardState>(state), IResponseCacheGrain
{
    public ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken) => Actor.FindAsync(id, cancellationToken);

    public ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken) => Actor.PutAsync(id, answer, cancellationToken);
}
