using OrleansChat.Core.Actors;
using OrleansChat.Core.Caching;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Idempotency;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Search;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Testing.Actors;

/// <summary>Actors whose callers are watched: before a call of a limiter or cost tracker that names an operation, a test may act, or fail the call.</summary>
/// <param name="actors">The actors.</param>
/// <param name="before">Runs before each call; what it throws, the call throws, and does not arrive.</param>
public sealed class InterceptedActors(IActorDirectory actors, Func<ActorCall, ValueTask> before) : IActorDirectory
{
    /// <inheritdoc/>
    public IRateLimiterActor RateLimiter(string scope) => new Limiter(scope, before, actors.RateLimiter(scope));

    /// <inheritdoc/>
    public ICostTrackerActor CostTracker(string scope) => new Tracker(scope, before, actors.CostTracker(scope));

    /// <inheritdoc/>
    public IInputRatioActor InputRatio(string model) => actors.InputRatio(model);

    /// <inheritdoc/>
    public ICircuitBreakerActor CircuitBreaker(string upstream) => actors.CircuitBreaker(upstream);

    /// <inheritdoc/>
    public ISessionActor Session(string id) => actors.Session(id);

    /// <inheritdoc/>
    public ISessionIndexActor SessionIndex(string owner) => actors.SessionIndex(owner);

    /// <inheritdoc/>
    public IOpenTurnsActor OpenTurns(string shard) => actors.OpenTurns(shard);

    /// <inheritdoc/>
    public ISessionDeadlinesActor SessionDeadlines(string shard) => actors.SessionDeadlines(shard);

    /// <inheritdoc/>
    public ICollectionActor Collection(string name) => actors.Collection(name);

    /// <inheritdoc/>
    public ICollectionIndexActor Collections() => actors.Collections();

    /// <inheritdoc/>
    public IApiKeysActor ApiKeys() => actors.ApiKeys();

    /// <inheritdoc/>
    public IIdempotencyActor Idempotency(string shard) => actors.Idempotency(shard);

    /// <inheritdoc/>
    public IResponseCacheActor ResponseCache(string shard) => actors.ResponseCache(shard);

    /// <inheritdoc/>
    public IIncidentsActor Incidents() => actors.Incidents();

    /// <inheritdoc/>
    public ISlaActor Sla() => actors.Sla();

    private sealed class Limiter(string scope, Func<ActorCall, ValueTask> before, IRateLimiterActor actor) : IRateLimiterActor
    {
        public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(AcquireAsync), request.OperationId));
            return await actor.AcquireAsync(request, cancellationToken);
        }

        public async ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(WaitAsync), request.OperationId));
            return await actor.WaitAsync(request, patience, cancellationToken);
        }

        public async ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(PeekAsync), request.OperationId));
            return await actor.PeekAsync(request, cancellationToken);
        }

        public async ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(ConfirmAsync), operationId));
            return await actor.ConfirmAsync(operationId, cancellationToken);
        }

        public async ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(SettleAsync), operationId));
            await actor.SettleAsync(operationId, tokens, cancellationToken);
        }

        public async ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(ReleaseAsync), operationId));
            await actor.ReleaseAsync(operationId, cancellationToken);
        }

        public async ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(RenewAsync), operationId));
            return await actor.RenewAsync(operationId, lease, cancellationToken);
        }

        public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) =>
            actor.DescribeAsync(limits, cancellationToken);
    }

    private sealed class Tracker(string scope, Func<ActorCall, ValueTask> before, ICostTrackerActor actor) : ICostTrackerActor
    {
        public async ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(ReserveAsync), request.OperationId));
            return await actor.ReserveAsync(request, cancellationToken);
        }

        public async ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(ConfirmAsync), operationId));
            return await actor.ConfirmAsync(operationId, cancellationToken);
        }

        public async ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(SettleAsync), settlement.OperationId));
            await actor.SettleAsync(settlement, cancellationToken);
        }

        public async ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(ReleaseAsync), operationId));
            await actor.ReleaseAsync(operationId, cancellationToken);
        }

        public async ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken)
        {
            await before(new ActorCall(scope, nameof(RenewAsync), operationId));
            return await actor.RenewAsync(operationId, lease, cancellationToken);
        }

        public ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken) =>
            actor.TopUpAsync(topUp, budget, cancellationToken);

        public ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken) => actor.ListTopUpsAsync(cancellationToken);

        public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken) =>
            actor.DescribeAsync(budget, cancellationToken);

        public IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
            actor.ReadLedgerAsync(from, to, cancellationToken);
    }
}

/// <summary>A call of an actor.</summary>
/// <param name="Scope">The actor's scope.</param>
/// <param name="Method">The method's name.</param>
/// <param name="OperationId">The operation that it is about.</param>
public readonly record struct ActorCall(string Scope, string Method, string OperationId);
