using OrleansChat.Core.Sessions;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Sessions;

/// <summary>Hosts <see cref="SessionDeadlinesActor"/>.</summary>
[GrainType("session-deadlines"), CollectionAgeLimit(Minutes = 10)]
internal sealed class SessionDeadlinesGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<SessionDeadlinesState>> state)
    : ActorGrain<SessionDeadlinesActor, SessionDeadlinesState>(state), ISessionDeadlinesGrain
{
    public ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken) => Actor.PutAsync(deadline, cancellationToken);

    public ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        Actor.ListDueAsync(now, limit, cancellationToken);

    public ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken) => Actor.RemoveAsync(deadlines, cancellationToken);
}
