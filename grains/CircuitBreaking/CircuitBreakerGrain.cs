using OrleansChat.Core.CircuitBreaking;
using OrleansChat.GrainInterfaces.CircuitBreaking;
using OrleansChat.GrainInterfaces.Directory;
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

    public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken) => Actor.TripAsync(by, cancellationToken);

    public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken) => Actor.ResetAsync(by, cancellationToken);

    public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) => Actor.HistoryAsync(cancellationToken);

    public async ValueTask<BreakerSnapshot?> NextAsync(BreakerSnapshot? seen, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ClusterClients.ResponseTimeout / 2);
        try
        {
            await foreach (var snapshot in Actor.WatchAsync(patience.Token))
            {
                if (snapshot != seen)
                    return snapshot;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing changed; the caller asks again before its own patience ends.
        }

        return null;
    }
}
