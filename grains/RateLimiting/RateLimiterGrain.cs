using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.RateLimiting;

/// <summary>Hosts <see cref="RateLimiterActor"/>.</summary>
[GrainType("rate-limiter"), CollectionAgeLimit(Minutes = 10)]
internal sealed class RateLimiterGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<RateLimiterState>> state)
    : ActorGrain<RateLimiterActor, RateLimiterState>(state), IRateLimiterGrain
{
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        Actor.AcquireAsync(request, cancellationToken);

    public ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        Actor.WaitAsync(request, patience, cancellationToken);

    public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        Actor.PeekAsync(request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        Actor.ConfirmAsync(operationId, cancellationToken);

    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken) =>
        Actor.SettleAsync(operationId, tokens, cancellationToken);

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) => Actor.ReleaseAsync(operationId, cancellationToken);

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) =>
        Actor.RenewAsync(operationId, lease, cancellationToken);

    public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) =>
        Actor.DescribeAsync(limits, cancellationToken);

    public ValueTask<AcquireBatchDecisions> AcquireBatchAsync(AcquireBatch batch, CancellationToken cancellationToken) =>
        new BatchAcquire(Actor).DecideAsync(batch, cancellationToken);
}
