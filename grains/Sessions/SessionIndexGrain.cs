using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Sessions;

/// <summary>Hosts <see cref="SessionIndexActor"/>.</summary>
[GrainType("session-index"), CollectionAgeLimit(Minutes = 10)]
internal sealed class SessionIndexGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<SessionIndexState>> state)
    : ActorGrain<SessionIndexActor, SessionIndexState>(state), ISessionIndexGrain
{
    public ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken) => Actor.PutAsync(line, cancellationToken);

    public ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken) =>
        Actor.PutTurnsAsync(line, turns, cancellationToken);

    public ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken) => Actor.RemoveAsync(sessionId, cancellationToken);

    public ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken) =>
        Actor.ListAsync(limit, cursor, query, cancellationToken);
}
