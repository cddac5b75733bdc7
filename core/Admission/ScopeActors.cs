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

    /// <summary>Scope <c>org</c>.</summary>
    public CostScope OrgCosts { get; } = new("org", actors.CostTracker("org"));

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
/// <param name="Name">The name.</param>
/// <param name="Actor">The limiter.</param>
internal sealed record LimitScope(string Name, IRateLimiterActor Actor);

/// <summary>A scope's name and its cost tracker.</summary>
/// <param name="Name">The name.</param>
/// <param name="Actor">The cost tracker.</param>
internal sealed record CostScope(string Name, ICostTrackerActor Actor);
