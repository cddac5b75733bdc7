using OrleansChat.Core.Keys;
using OrleansChat.GrainInterfaces.Keys;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Keys;

/// <summary>Hosts <see cref="ApiKeysActor"/>.</summary>
[GrainType("api-keys"), CollectionAgeLimit(Minutes = 30)]
internal sealed class ApiKeysGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<ApiKeysState>> state)
    : ActorGrain<ApiKeysActor, ApiKeysState>(state), IApiKeysGrain
{
    public ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken) => Actor.CreateAsync(key, cancellationToken);

    public ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken) =>
        Actor.ChangeAsync(id, changes, cancellationToken);

    public ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken) =>
        Actor.RotateAsync(id, secretHash, previousUntil, cancellationToken);

    public ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken) => Actor.RevokeAsync(id, cancellationToken);

    public ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => Actor.NoteAsync(ids, cancellationToken);

    public ValueTask<KeyList> ListAsync(CancellationToken cancellationToken) => Actor.ListAsync(cancellationToken);

    public IAsyncEnumerable<KeyList> WatchAsync(CancellationToken cancellationToken) => Actor.WatchAsync(cancellationToken);
}
