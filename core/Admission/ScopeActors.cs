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

    private CostScope? _org;

    /// <summary>Scope <c>org</c>. It is looked up when it is needed: a gateway that no silo has answered yet knows no actors.</summary>
    public CostScope OrgCosts => _org ??= new("org", actors.CostTracker("org"));

    /// <summary>Scope <c>key:{id}</c>.</summary>
    public LimitScope Key(string id) => Limiter(_keys, "key:", id);

    /// <summary>Scope <c>team:{id}</c>.</summary>
    public LimitScope Team(string id) => Limiter(_teams, "team:", id);

    /// <summary>Scope <c>model:{id}</c>.</summary>
    public LimitScope Model(string id) => Limiter(_models, "model:", id);

    /// <summary>Scope <c>upstream:{id}</c>.</summary>
    public LimitScope Upstream(string id) => Limiter(_upstreams, "upstream:", id);

    /// <summary>Scope <c>key:{id}</c>.</summary>
    public CostScope KeyCosts(string id) => Costs(_keyCosts, "key:", id);

    /// <summary>Scope <c>team:{id}</c>.</summary>
    public CostScope TeamCosts(string id) => Costs(_teamCosts, "team:", id);

    /// <summary>Scope <c>session:{id}</c>; not kept, since sessions are many.</summary>
    public CostScope SessionCosts(string id)
    {
        var name = $"session:{id}";
        return new CostScope(name, actors.CostTracker(name));
    }

    private LimitScope Limiter(ConcurrentDictionary<string, LimitScope> known, string kind, string id) =>
        known.TryGetValue(id, out var scope) ? scope : known.GetOrAdd(id, new LimitScope(kind + id, actors.RateLimiter(kind + id)));

    private CostScope Costs(ConcurrentDictionary<string, CostScope> known, string kind, string id) =>
        known.TryGetValue(id, out var scope) ? scope : known.GetOrAdd(id, new CostScope(kind + id, actors.CostTracker(kind + id)));
}

/// <summary>A scope's name and its limiter.</summary>
/// <param name="name">The name.</param>
/// <param name="actor">The limiter.</param>
internal sealed class LimitScope(string name, IRateLimiterActor actor)
{
    private LimitAsk? _last;

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>The limiter.</summary>
    public IRateLimiterActor Actor { get; } = actor;

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
internal sealed class CostScope(string name, ICostTrackerActor actor)
{
    private CostAsk? _last;

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>The cost tracker.</summary>
    public ICostTrackerActor Actor { get; } = actor;

    /// <summary>What asks for a budget, made once as long as it stays the same.</summary>
    /// <param name="budget">The budget that holds now; null for a ledger alone.</param>
    /// <param name="mayRefuse">Whether it can refuse.</param>
    /// <returns>What asks.</returns>
    public CostAsk AskFor(Budget? budget, bool mayRefuse) =>
        _last is { } last && ReferenceEquals(last.Budget, budget) && last.MayRefuse == mayRefuse ? last : _last = new CostAsk(this, budget, mayRefuse);
}
