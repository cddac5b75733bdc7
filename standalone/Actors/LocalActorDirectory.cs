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
using OrleansChat.Standalone.Actors.References;
using OrleansChat.Standalone.State;

namespace OrleansChat.Standalone.Actors;

/// <summary>
/// The actors of one process, each with a mailbox of its own. One timer ends the idle ones; <see cref="DisposeAsync"/> ends them all.
/// </summary>
public sealed class LocalActorDirectory : IActorDirectory, ILocalActors, IAsyncDisposable
{
    /// <summary>How long an actor is kept without a call, at least; at most half as long again.</summary>
    public static readonly TimeSpan IdleAge = TimeSpan.FromMinutes(10);

    /// <summary>How long actors may take to save when they are told to hurry.</summary>
    public static readonly TimeSpan SaveGrace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IServiceProvider _services;
    private readonly ActorHost _host;
    private readonly ITimer _sweep;
    private readonly List<IActorKind> _kinds = [];
    private readonly ActorKind<IRateLimiterActor> _rateLimiters;
    private readonly ActorKind<ICostTrackerActor> _costTrackers;
    private readonly ActorKind<IInputRatioActor> _inputRatios;
    private readonly ActorKind<ICircuitBreakerActor> _circuitBreakers;
    private readonly ActorKind<ISessionActor> _sessions;
    private readonly ActorKind<ISessionIndexActor> _sessionIndexes;
    private readonly ActorKind<IOpenTurnsActor> _openTurns;
    private readonly ActorKind<ISessionDeadlinesActor> _sessionDeadlines;
    private readonly ActorKind<ICollectionActor> _collections;
    private readonly ActorKind<ICollectionIndexActor> _collectionIndexes;
    private readonly ActorKind<IApiKeysActor> _apiKeys;
    private readonly ActorKind<IIdempotencyActor> _idempotency;
    private readonly ActorKind<IResponseCacheActor> _responseCaches;
    private readonly ActorKind<IIncidentsActor> _incidents;
    private readonly ActorKind<ISlaActor> _sla;
    private int _disposed;

    internal LocalActorDirectory(IStateStore store, IServiceProvider services, TimeProvider time, ILogger<LocalActorDirectory> logger)
    {
        _services = services;
        _host = new ActorHost(this, store, time, logger, _stopping.Token);

        // In the order in which they end: sessions first, since their last work still calls the others.
        _sessions = Kind<ISessionActor, SessionActor, SessionState>("session");
        _openTurns = Kind<IOpenTurnsActor, OpenTurnsActor, OpenTurnsState>("open-turns");
        _sessionDeadlines = Kind<ISessionDeadlinesActor, SessionDeadlinesActor, SessionDeadlinesState>("session-deadlines");
        _sessionIndexes = Kind<ISessionIndexActor, SessionIndexActor, SessionIndexState>("session-index");
        _circuitBreakers = Kind<ICircuitBreakerActor, CircuitBreakerActor, BreakerMemory>("circuit-breaker");
        _rateLimiters = Kind<IRateLimiterActor, RateLimiterActor, RateLimiterState>("rate-limiter");
        _costTrackers = Kind<ICostTrackerActor, CostTrackerActor, CostTrackerState>("cost-tracker");
        _inputRatios = Kind<IInputRatioActor, InputRatioActor, InputRatioState>("input-ratio");
        _collections = Kind<ICollectionActor, CollectionActor, CollectionState>("collection");
        _collectionIndexes = Kind<ICollectionIndexActor, CollectionIndexActor, CollectionIndexState>("collection-index");
        _apiKeys = Kind<IApiKeysActor, ApiKeysActor, ApiKeysState>("api-keys");
        _idempotency = Kind<IIdempotencyActor, IdempotencyActor, IdempotencyShardState>("idempotency");
        _responseCaches = Kind<IResponseCacheActor, ResponseCacheActor, CacheShardState>("response-cache");
        _incidents = Kind<IIncidentsActor, IncidentsActor, IncidentsState>("incidents");
        _sla = Kind<ISlaActor, SlaActor, SlaState>("sla");

        _sweep = time.CreateTimer(_ => Sweep(), null, IdleAge / 2, IdleAge / 2);
    }

    /// <inheritdoc/>
    public IRateLimiterActor RateLimiter(string scope) => new LocalRateLimiter(new(_rateLimiters, scope));

    /// <inheritdoc/>
    public ICostTrackerActor CostTracker(string scope) => new LocalCostTracker(new(_costTrackers, scope));

    /// <inheritdoc/>
    public IInputRatioActor InputRatio(string model) => new LocalInputRatio(new(_inputRatios, model));

    /// <inheritdoc/>
    public ICircuitBreakerActor CircuitBreaker(string upstream) => new LocalCircuitBreaker(new(_circuitBreakers, upstream));

    /// <inheritdoc/>
    public ISessionActor Session(string id) => new LocalSession(new(_sessions, id));

    /// <inheritdoc/>
    public ISessionIndexActor SessionIndex(string owner) => new LocalSessionIndex(new(_sessionIndexes, owner));

    /// <inheritdoc/>
    public IOpenTurnsActor OpenTurns(string shard) => new LocalOpenTurns(new(_openTurns, shard));

    /// <inheritdoc/>
    public ISessionDeadlinesActor SessionDeadlines(string shard) => new LocalSessionDeadlines(new(_sessionDeadlines, shard));

    /// <inheritdoc/>
    public ICollectionActor Collection(string name) => new LocalCollection(new(_collections, name));

    /// <inheritdoc/>
    public ICollectionIndexActor Collections() => new LocalCollectionIndex(new(_collectionIndexes, CollectionCatalog.IndexKey));

    /// <inheritdoc/>
    public IApiKeysActor ApiKeys() => new LocalApiKeys(new(_apiKeys, ApiKeysActor.Key));

    /// <inheritdoc/>
    public IIdempotencyActor Idempotency(string shard) => new LocalIdempotency(new(_idempotency, shard));

    /// <inheritdoc/>
    public IResponseCacheActor ResponseCache(string shard) => new LocalResponseCache(new(_responseCaches, shard));

    /// <inheritdoc/>
    public IIncidentsActor Incidents() => new LocalIncidents(new(_incidents, IncidentsActor.Key));

    /// <inheritdoc/>
    public ISlaActor Sla() => new LocalSla(new(_sla, SlaActor.Key));

    /// <inheritdoc/>
    public ILocalActor<IRateLimiterActor> LocalRateLimiter(string scope) => new LocalActor<IRateLimiterActor>(_rateLimiters, scope);

    /// <inheritdoc/>
    public ILocalActor<ICostTrackerActor> LocalCostTracker(string scope) => new LocalActor<ICostTrackerActor>(_costTrackers, scope);

    /// <summary>Ends every activation once its running calls are done; what is unsaved is saved.</summary>
    /// <param name="cancellationToken">
    /// Tells the actors to hurry. What has not ended <see cref="SaveGrace"/> later is left to the recovery of the next start.
    /// </param>
    /// <returns>A task that completes when all have ended, or the grace is over.</returns>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _sweep.DisposeAsync();
        foreach (var kind in _kinds)
            await EndAsync(kind, cancellationToken);
    }

    /// <summary>Ends what <see cref="StopAsync"/> has not ended, in haste.</summary>
    /// <returns>A task.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        await _stopping.CancelAsync();
        await StopAsync(_stopping.Token);
        _stopping.Dispose();
    }

    private async Task EndAsync(IActorKind kind, CancellationToken hurry)
    {
        var ended = kind.StopAsync(hurry);
        try
        {
            await ended.WaitAsync(hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            await Task.WhenAny(ended, Task.Delay(SaveGrace, _host.Time, CancellationToken.None));
            if (!ended.IsCompleted)
                _host.LogLeft(kind.Count);
        }
    }

    private void Sweep()
    {
        _host.CountSweep();
        foreach (var kind in _kinds)
            kind.Sweep();
    }

    private ActorKind<TInterface> Kind<TInterface, TActor, TState>(string name)
        where TInterface : class
        where TActor : class, TInterface
        where TState : class, new()
    {
        var create = ActivatorUtilities.CreateFactory<TActor>([typeof(IActorState<TState>), typeof(IActorContext)]);
        var kind = new ActorKind<TInterface>(name, _host, async (context, cancellationToken) =>
            create(_services, [await context.OpenStateAsync<TState>(StateKey.Main, cancellationToken), context]));
        _kinds.Add(kind);
        return kind;
    }
}
