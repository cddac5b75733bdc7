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

/// <summary>The actors of a test that needs some kinds of them: every other kind, which nobody is to call, is refused.</summary>
public abstract class SomeActors : IActorDirectory
{
    /// <inheritdoc/>
    public virtual IRateLimiterActor RateLimiter(string scope) => throw new NotSupportedException(scope);

    /// <inheritdoc/>
    public virtual ICostTrackerActor CostTracker(string scope) => throw new NotSupportedException(scope);

    /// <inheritdoc/>
    public virtual IInputRatioActor InputRatio(string model) => throw new NotSupportedException(model);

    /// <inheritdoc/>
    public virtual ICircuitBreakerActor CircuitBreaker(string upstream) => throw new NotSupportedException(upstream);

    /// <inheritdoc/>
    public virtual ISessionActor Session(string id) => throw new NotSupportedException(id);

    /// <inheritdoc/>
    public virtual ISessionIndexActor SessionIndex(string owner) => throw new NotSupportedException(owner);

    /// <inheritdoc/>
    public virtual IOpenTurnsActor OpenTurns(string shard) => throw new NotSupportedException(shard);

    /// <inheritdoc/>
    public virtual ISessionDeadlinesActor SessionDeadlines(string shard) => throw new NotSupportedException(shard);

    /// <inheritdoc/>
    public virtual ICollectionActor Collection(string name) => throw new NotSupportedException(name);

    /// <inheritdoc/>
    public virtual ICollectionIndexActor Collections() => throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual IApiKeysActor ApiKeys() => throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual IIdempotencyActor Idempotency(string shard) => throw new NotSupportedException(shard);

    /// <inheritdoc/>
    public virtual IResponseCacheActor ResponseCache(string shard) => throw new NotSupportedException(shard);

    /// <inheritdoc/>
    public virtual IIncidentsActor Incidents() => throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual ISlaActor Sla() => throw new NotSupportedException();
}
