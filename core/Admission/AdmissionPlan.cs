using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Admission;

/// <summary>
/// The scopes that one request has to pass, in the order in which all requests ask them: key, team, model, upstream, then the budgets. A
/// scope without limits, or without a budget, is not in it; the key's ledger always is.
/// </summary>
internal sealed class AdmissionPlan
{
    private readonly object _settings;

    private AdmissionPlan(List<LimitAsk> limits, List<LimitAsk> upstreams, bool upstreamIsFree, List<CostAsk> costs, object settings) =>
        (Limits, Upstreams, UpstreamIsFree, Costs, _settings) = (limits, upstreams, upstreamIsFree, costs, settings);

    /// <summary>The limits of key, team and model.</summary>
    public List<LimitAsk> Limits { get; }

    /// <summary>The limits of the route's upstreams, of which one must admit.</summary>
    public List<LimitAsk> Upstreams { get; }

    /// <summary>Whether an upstream of the route has no limits, so that the last word is never theirs.</summary>
    public bool UpstreamIsFree { get; }

    /// <summary>The budgets and ledgers; those that can refuse come first.</summary>
    public List<CostAsk> Costs { get; }

    /// <summary>
    /// Whether an admission is tentative until all have admitted. Where one scope alone can refuse, it has the last word as it has the first.
    /// </summary>
    public bool IsTentative
    {
        get
        {
            var refusing = Limits.Count + (Upstreams.Count > 0 ? 1 : 0);
            foreach (var ask in Costs)
                refusing += ask.MayRefuse ? 1 : 0;

            return refusing > 1;
        }
    }

    /// <summary>Plans a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">Its model.</param>
    /// <param name="reserve">What it may cost, in nano-dollars.</param>
    /// <param name="rules">The limits and budgets of settings.</param>
    /// <param name="scopes">The scopes.</param>
    /// <param name="breakers">What is known of the upstreams.</param>
    /// <returns>The plan.</returns>
    public static AdmissionPlan Of(
        AdmissionRequest request, Model model, long reserve, ScopeRules rules, ScopeActors scopes, BreakerWatch breakers)
    {
        var settings = rules.Edition;
        var limits = LimitsOf(request, model, rules, scopes);
        var upstreamIsFree = true;
        var upstreams = request.SavedNanoUsd is null ? UpstreamsOf(request.OperationId, model, rules, scopes, breakers, out upstreamIsFree) : [];
        return new AdmissionPlan(limits, upstreams, upstreamIsFree, CostsOf(request, reserve, rules, scopes), settings);
    }

    /// <summary>Whether the same scopes would be planned now: then what ends the request need not look them up again.</summary>
    /// <param name="rules">The limits and budgets of settings.</param>
    /// <returns>Whether settings are the same.</returns>
    public bool Holds(ScopeRules rules) => ReferenceEquals(_settings, rules.Edition);

    /// <summary>The limiters of a request, beside the upstreams'.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">Its model; null when settings do not have it any more.</param>
    /// <param name="rules">The limits and budgets of settings.</param>
    /// <param name="scopes">The scopes.</param>
    /// <returns>The limiters.</returns>
    public static List<LimitAsk> LimitsOf(AdmissionRequest request, Model? model, ScopeRules rules, ScopeActors scopes)
    {
        var limits = new List<LimitAsk>(3);
        var key = request.Key;
        if (!request.IsPartOfRequest && !key.Limits.IsEmpty)
            limits.Add(scopes.Key(key.Id).AskFor(key.Limits));

        if (!request.IsPartOfRequest && key.Team is { } team && rules.TeamLimits(team) is { IsEmpty: false } teamLimits)
            limits.Add(scopes.Team(team).AskFor(teamLimits));

        if (model is { Limits.IsEmpty: false })
            limits.Add(scopes.Model(model.Id).AskFor(model.Limits));

        return limits;
    }

    /// <summary>The cost trackers of a request; those whose budget can refuse come first.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reserve">What it may cost, in nano-dollars.</param>
    /// <param name="rules">The limits and budgets of settings.</param>
    /// <param name="scopes">The scopes.</param>
    /// <returns>The cost trackers.</returns>
    public static List<CostAsk> CostsOf(AdmissionRequest request, long reserve, ScopeRules rules, ScopeActors scopes)
    {
        var costs = new List<CostAsk>(4);
        var key = request.Key;
        var keyCosts = scopes.KeyCosts(key.Id).AskFor(key.Budget, key.Budget is not null && reserve > 0);
        if (keyCosts.MayRefuse)
            costs.Add(keyCosts);

        if (key.Team is { } team && rules.TeamBudget(team) is { } teamBudget)
            costs.Add(scopes.TeamCosts(team).AskFor(teamBudget, reserve > 0));

        if (rules.OrgBudget is { } orgBudget)
            costs.Add(scopes.OrgCosts.AskFor(orgBudget, reserve > 0));

        if (request.SessionId is { } session && request.SessionBudget is { } sessionBudget)
            costs.Add(scopes.SessionCosts(session).AskFor(sessionBudget, reserve > 0));

        if (!keyCosts.MayRefuse)
            costs.Add(keyCosts);

        return costs;
    }

    private static List<LimitAsk> UpstreamsOf(
        string operationId, Model model, ScopeRules rules, ScopeActors scopes, BreakerWatch breakers, out bool upstreamIsFree)
    {
        var asks = new List<LimitAsk>(model.Route.Count);
        upstreamIsFree = false;
        var route = RouteOrder.Of(model, operationId);
        for (var i = 0; i < route.Count; i++)
        {
            var target = route[i];

            // What is known to be down is passed over; should the router come to it after all, it asks for itself.
            if (breakers.Known(target.Upstream) is { State: BreakerState.Open } && model.Route.Count > 1)
                continue;

            var limits = rules.UpstreamLimits(target.Upstream);
            if (limits.IsEmpty)
            {
                upstreamIsFree = true;
                break;
            }

            var ask = scopes.Upstream(target.Upstream).AskFor(limits, target.Upstream);
            if (!asks.Contains(ask))
                asks.Add(ask);
        }

        return asks;
    }
}

/// <summary>One limiter to ask.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Limits">The limits that hold now.</param>
internal sealed record LimitAsk(LimitScope Scope, RateLimits Limits)
{
    /// <summary>The upstream's id, where the scope is an upstream's.</summary>
    public string? Upstream { get; init; }

    /// <summary>Whether these are a key's own limits, of which its caller is told what is left.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether they are.</returns>
    public bool IsOf(ApiKey key) => Upstream is null && ReferenceEquals(Limits, key.Limits);
}

/// <summary>One cost tracker to ask.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Budget">The budget that holds now; null for a ledger alone.</param>
/// <param name="MayRefuse">Whether it can refuse.</param>
internal sealed record CostAsk(CostScope Scope, Budget? Budget, bool MayRefuse);
