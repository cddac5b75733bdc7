using System.Collections.Concurrent;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>The names and references of the scopes in use, made once: there are no more of them than settings name.</summary>
/// <param name="actors">The actors.</param>
internal sealed class ScopeActors(IActorDirectory actors)
{
    private readonly ConcurrentDictionary<string, LimitScope> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LimitScope> _teams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LimitScope> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LimitScope> _upstreams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CostScope> _keyCosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CostScope> _teamCosts = new(StringComparer.Ordinal);

    private readonly ILocalActors? _local = actors as ILocalActors;
    private CostScope? _org;

    /// <summary>Whether the actors are in this process: what they are told they have heard before anything that is told later.</summary>
    public bool AreLocal => _local is not null;

    /// <summary>Scope <c>org</c>. It is looked up when it is needed: a gateway that no silo has answered yet knows no actors.</summary>
    public CostScope OrgCosts => _org ??= CostsOf("org", isShared: true);

    /// <summary>Scope <c>key:{id}</c>.</summary>
    public LimitScope Key(string id) => Limiter(_keys, "key:", id);

    /// <summary>Scope <c>team:{id}</c>.</summary>
    public LimitScope Team(string id) => Limiter(_teams, "team:", id);

    /// <summary>Scope <c>model:{id}</c>.</summary>
    public LimitScope Model(string id) => Limiter(_models, "model:", id, isShared: true);

    /// <summary>Scope <c>upstream:{id}</c>.</summary>
    public LimitScope Upstream(string id) => Limiter(_upstreams, "upstream:", id, isShared: true);

    /// <summary>Scope <c>key:{id}</c>.</summary>
    public CostScope KeyCosts(string id) => Costs(_keyCosts, "key:", id);

    /// <summary>Scope <c>team:{id}</c>.</summary>
    public CostScope TeamCosts(string id) => Costs(_teamCosts, "team:", id);

    /// <summary>Scope <c>session:{id}</c>; not kept, since sessions are many.</summary>
    public CostScope SessionCosts(string id) => CostsOf($"session:{id}");

    /// <summary>A scope by its name, such as one that settings do not name any more; not kept.</summary>
    public LimitScope Limits(string name) => LimitsOf(name, isShared: false);

    /// <summary>A scope by its name, such as one that settings do not name any more; not kept.</summary>
    public CostScope Costs(string name) => CostsOf(name);

    private LimitScope Limiter(ConcurrentDictionary<string, LimitScope> known, string kind, string id, bool isShared = false) =>
        known.TryGetValue(id, out var scope) ? scope : known.GetOrAdd(id, LimitsOf(kind + id, isShared));

    private CostScope Costs(ConcurrentDictionary<string, CostScope> known, string kind, string id) =>
        known.TryGetValue(id, out var scope) ? scope : known.GetOrAdd(id, CostsOf(kind + id));

    private LimitScope LimitsOf(string name, bool isShared) => new(name, actors.RateLimiter(name), _local?.LocalRateLimiter(name)) { IsShared = isShared };

    private CostScope CostsOf(string name, bool isShared = false) => new(name, actors.CostTracker(name), _local?.LocalCostTracker(name)) { IsShared = isShared };
}

/// <summary>A scope's name and its limiter.</summary>
/// <param name="name">The name.</param>
/// <param name="actor">The limiter.</param>
/// <param name="local">The same, where it is in this process.</param>
internal sealed class LimitScope(string name, IRateLimiterActor actor, ILocalActor<IRateLimiterActor>? local)
{
    private LimitAsk? _last;

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether requests of all callers pass it.</summary>
    public bool IsShared { get; init; }

    /// <summary>The limiter.</summary>
    public IRateLimiterActor Actor { get; } = actor;

    /// <summary>The limiter where it can be visited; null elsewhere.</summary>
    public ILocalActor<IRateLimiterActor>? Local { get; } = local;

    /// <summary>Ends an operation with what it used, within a visit where that can be.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="tokens">The tokens that it used.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken) =>
        Local?.TryBeginVisit() is { } visit
            ? visit.CallAsync(static (actor, end, token) => actor.SettleAsync(end.operationId, end.tokens, token), (operationId, tokens), cancellationToken)
            : Actor.SettleAsync(operationId, tokens, cancellationToken);

    /// <summary>What asks for these limits, made once as long as they stay the same.</summary>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="upstream">The upstream's id, where the scope is an upstream's.</param>
    /// <returns>What asks.</returns>
    public LimitAsk AskFor(RateLimits limits, string? upstream = null) =>
        _last is { } last && ReferenceEquals(last.Limits, limits) ? last : _last = new LimitAsk(this, limits) { Upstream = upstream };
}

/// <summary>A scope's name and its cost tracker.</summary>
/// <param name="name">The name.</param>
/// <param name="actor">The cost tracker.</param>
/// <param name="local">The same, where it is in this process.</param>
internal sealed class CostScope(string name, ICostTrackerActor actor, ILocalActor<ICostTrackerActor>? local)
{
    private CostAsk? _last;

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether requests of all callers pass it.</summary>
    public bool IsShared { get; init; }

    /// <summary>The cost tracker.</summary>
    public ICostTrackerActor Actor { get; } = actor;

    /// <summary>The cost tracker where it can be visited; null elsewhere.</summary>
    public ILocalActor<ICostTrackerActor>? Local { get; } = local;

    /// <summary>Books what an operation used, within a visit where that can be.</summary>
    /// <param name="settlement">What was used.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the entry is durable.</returns>
    public ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken) =>
        // Whether a lost call was booked before may have to be read from the ledger, which is more than a visit.
        settlement.LostSince is null && Local?.TryBeginVisit() is { } visit
            ? visit.CallAsync(static (actor, settlement, token) => actor.SettleAsync(settlement, token), settlement, cancellationToken)
            : Actor.SettleAsync(settlement, cancellationToken);

    /// <summary>Takes a reservation back, within a visit where that can be.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) =>
        Local?.TryBeginVisit() is { } visit
            ? visit.CallAsync(static (actor, operationId, token) => actor.ReleaseAsync(operationId, token), operationId, cancellationToken)
            : Actor.ReleaseAsync(operationId, cancellationToken);

    /// <summary>What asks for a budget, made once as long as it stays the same.</summary>
    /// <param name="budget">The budget that holds now; null for a ledger alone.</param>
    /// <param name="mayRefuse">Whether it can refuse.</param>
    /// <returns>What asks.</returns>
    public CostAsk AskFor(Budget? budget, bool mayRefuse) =>
        _last is { } last && ReferenceEquals(last.Budget, budget) && last.MayRefuse == mayRefuse ? last : _last = new CostAsk(this, budget, mayRefuse);
}
