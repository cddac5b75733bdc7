using OrleansChat.Core.CircuitBreaking;
using OrleansChat.GrainInterfaces.CircuitBreaking;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.CircuitBreaking;

/// <summary>Hosts <see cref="CircuitBreakerActor"/>.</summary>
[GrainType("circuit-breaker"), CollectionAgeLimit(Minutes = 30)]
internal sealed class CircuitBreakerGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<BreakerMemory>> state)
    : ActorGrain<CircuitBreakerActor, BreakerMemory>(state), ICircuitBreakerGrain
{
    public ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken) =>
        Actor.EnterAsync(operationId, cancellationToken);

    public ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken) =>
        Actor.ReportAsync(outcome, cancellationToken);

    public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken) => Actor.DescribeAsync(cancellationToken);

    public IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken) => Actor.WatchAsync(cancellationToken);

    public ValueTask<BreakerSnapshot> TripAsync(string cause, CancellationToken cancellationToken) => Actor.TripAsync(cause, cancellationToken);

    public ValueTask<BreakerSnapshot> ResetAsync(CancellationToken cancellationToken) => Actor.ResetAsync(cancellationToken);
}
