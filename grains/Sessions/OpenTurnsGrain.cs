using OrleansChat.Core.Sessions;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Sessions;

/// <summary>Hosts <see cref="OpenTurnsActor"/>.</summary>
[GrainType("open-turns"), CollectionAgeLimit(Minutes = 10)]
internal sealed class OpenTurnsGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<OpenTurnsState>> state)
    : ActorGrain<OpenTurnsActor, OpenTurnsState>(state), IOpenTurnsGrain
{
    public ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken) =>
        Actor.AddAsync(sessionId, workId, cancellationToken);

    public ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken) =>
        Actor.RemoveAsync(sessionId, workId, cancellationToken);

    // An array: the list that the actor makes may be of a type that the wire does not know.
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => (await Actor.ListAsync(cancellationToken)).ToArray();
}
