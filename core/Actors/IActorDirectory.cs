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

namespace OrleansChat.Core.Actors;

/// <summary>
/// Hands out actors by key. A reference is cheap, never null and stays valid over the actor's activations; the first call activates it.
/// A key has 1 to 200 characters.
/// </summary>
public interface IActorDirectory
{
    /// <summary>The rate limiter of a scope.</summary>
    /// <param name="scope"><c>key:{id}</c>, <c>team:{id}</c>, <c>model:{id}</c> or <c>upstream:{id}</c>.</param>
    /// <returns>A reference to the actor.</returns>
    IRateLimiterActor RateLimiter(string scope);

    /// <summary>The cost tracker of a scope.</summary>
    /// <param name="scope"><c>key:{id}</c>, <c>team:{id}</c>, <c>org</c> or <c>session:{id}</c>.</param>
    /// <returns>A reference to the actor.</returns>
    ICostTrackerActor CostTracker(string scope);

    /// <summary>What is known of a model's input.</summary>
    /// <param name="model">The model's id.</param>
    /// <returns>A reference to the actor.</returns>
    IInputRatioActor InputRatio(string model);

    /// <summary>The circuit breaker of an upstream.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>A reference to the actor.</returns>
    ICircuitBreakerActor CircuitBreaker(string upstream);

    /// <summary>A chat session.</summary>
    /// <param name="id">Its id, a UUIDv7.</param>
    /// <returns>A reference to the actor.</returns>
    ISessionActor Session(string id);

    /// <summary>The sessions of one owner.</summary>
    /// <param name="owner">The id of the API key that made them.</param>
    /// <returns>A reference to the actor.</returns>
    ISessionIndexActor SessionIndex(string owner);

    /// <summary>A shard of the register of open turns.</summary>
    /// <param name="shard">One of <see cref="OpenTurnShards.All"/>.</param>
    /// <returns>A reference to the actor.</returns>
    IOpenTurnsActor OpenTurns(string shard);

    /// <summary>A shard of the calendar of sessions.</summary>
    /// <param name="shard">One of <see cref="SessionDeadlineShards.All"/>.</param>
    /// <returns>A reference to the actor.</returns>
    ISessionDeadlinesActor SessionDeadlines(string shard);

    /// <summary>A collection's catalog.</summary>
    /// <param name="name">The collection's name.</param>
    /// <returns>A reference to the actor.</returns>
    ICollectionActor Collection(string name);

    /// <summary>The names of all collections.</summary>
    /// <returns>A reference to the actor.</returns>
    ICollectionIndexActor Collections();

    /// <summary>The keys that are made at run time.</summary>
    /// <returns>A reference to the actor.</returns>
    IApiKeysActor ApiKeys();

    /// <summary>A share of an API key's idempotent requests.</summary>
    /// <param name="shard">The actor's key of an <see cref="IdempotencyShard"/>.</param>
    /// <returns>A reference to the actor.</returns>
    IIdempotencyActor Idempotency(string shard);

    /// <summary>A share of the cached answers.</summary>
    /// <param name="shard">The actor's key of a <see cref="CachePlace"/>.</param>
    /// <returns>A reference to the actor.</returns>
    IResponseCacheActor ResponseCache(string shard);

    /// <summary>The incidents of all processes.</summary>
    /// <returns>A reference to the actor.</returns>
    IIncidentsActor Incidents();

    /// <summary>The history of health of all processes.</summary>
    /// <returns>A reference to the actor.</returns>
    ISlaActor Sla();
}
