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
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Sessions;
using OrleansChat.GrainInterfaces.Caching;
using OrleansChat.GrainInterfaces.CircuitBreaking;
using OrleansChat.GrainInterfaces.Costs;
using OrleansChat.GrainInterfaces.Directory.Feeds;
using OrleansChat.GrainInterfaces.Directory.References;
using OrleansChat.GrainInterfaces.Errors;
using OrleansChat.GrainInterfaces.Health;
using OrleansChat.GrainInterfaces.Idempotency;
using OrleansChat.GrainInterfaces.Keys;
using OrleansChat.GrainInterfaces.RateLimiting;
using OrleansChat.GrainInterfaces.Search;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>The actors of a cluster, for its clients and for its own grains.</summary>
/// <param name="grains">Makes references to grains.</param>
/// <param name="time">The clock.</param>
/// <param name="losses">The losses of connections to silos.</param>
/// <param name="feed">Where silos send the events of running turns; null to read each turn by itself, as grains do.</param>
public sealed class GrainDirectory(IGrainFactory grains, TimeProvider time, ConnectionLoss losses, TurnFeed? feed = null) : IActorDirectory
{
    private readonly CallRepetition _calls = new(time, losses);
    private readonly AcquireMerging _acquires = new(new CallRepetition(time, losses));

    /// <inheritdoc/>
    public IRateLimiterActor RateLimiter(string scope) =>
        new RateLimiterReference(Find<IRateLimiterGrain>(scope), _acquires.Of(scope), _calls);

    /// <inheritdoc/>
    public ICostTrackerActor CostTracker(string scope) => new CostTrackerReference(Find<ICostTrackerGrain>(scope), _calls);

    /// <inheritdoc/>
    public IInputRatioActor InputRatio(string model) => new InputRatioReference(Find<IInputRatioGrain>(model), _calls);

    /// <inheritdoc/>
    public ICircuitBreakerActor CircuitBreaker(string upstream) =>
        new CircuitBreakerReference(Find<ICircuitBreakerGrain>(upstream), _calls);

    /// <inheritdoc/>
    public ISessionActor Session(string id) => new SessionReference(Find<ISessionGrain>(id), _calls, feed);

    /// <inheritdoc/>
    public ISessionIndexActor SessionIndex(string owner) => new SessionIndexReference(Find<ISessionIndexGrain>(owner), _calls);

    /// <inheritdoc/>
    public IOpenTurnsActor OpenTurns(string shard) => new OpenTurnsReference(Find<IOpenTurnsGrain>(shard), _calls);

    /// <inheritdoc/>
    public ISessionDeadlinesActor SessionDeadlines(string shard) => new SessionDeadlinesReference(Find<ISessionDeadlinesGrain>(shard), _calls);

    /// <inheritdoc/>
    public ICollectionActor Collection(string name) => new CollectionReference(Find<ICollectionGrain>(name), _calls);

    /// <inheritdoc/>
    public ICollectionIndexActor Collections() => new CollectionIndexReference(Find<ICollectionIndexGrain>(CollectionCatalog.IndexKey), _calls);

    /// <inheritdoc/>
    public IApiKeysActor ApiKeys() => new ApiKeysReference(Find<IApiKeysGrain>(ApiKeysActor.Key), _calls);

    /// <inheritdoc/>
    public IIdempotencyActor Idempotency(string shard) => new IdempotencyReference(Find<IIdempotencyGrain>(shard), _calls);

    /// <inheritdoc/>
    public IResponseCacheActor ResponseCache(string shard) => new ResponseCacheReference(Find<IResponseCacheGrain>(shard), _calls);

    /// <inheritdoc/>
    public IIncidentsActor Incidents() => new IncidentsReference(Find<IIncidentsGrain>(IncidentsActor.Key), _calls);

    /// <inheritdoc/>
    public ISlaActor Sla() => new SlaReference(Find<ISlaGrain>(SlaActor.Key), _calls);

    private TGrain Find<TGrain>(string key)
        where TGrain : IGrainWithStringKey
    {
        try
        {
            return grains.GetGrain<TGrain>(key);
        }
        catch (ArgumentException fault)
        {
            // A client that no silo has answered yet does not know which grains there are.
            throw ClusterFaults.Unavailable(fault);
        }
    }
}
