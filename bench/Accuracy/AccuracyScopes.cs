using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The scopes that calls pass, each with its reference.</summary>
/// <param name="world">The world.</param>
internal sealed class AccuracyScopes(AccuracyWorld world)
{
    private readonly Dictionary<string, LimitReference> _limits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MoneyReference> _money = new(StringComparer.Ordinal);

    /// <summary>The limits of every scope that a call has passed.</summary>
    public IReadOnlyDictionary<string, LimitReference> Limits => _limits;

    /// <summary>The money of every scope that a call has passed.</summary>
    public IReadOnlyDictionary<string, MoneyReference> Money => _money;

    /// <summary>The scopes whose limits a call passes, upstreams aside.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Their names.</returns>
    public static IEnumerable<string> LimitsOf(Call call)
    {
        yield return $"key:{call.Request.Key.Id}";
        if (call.Request.Key.Team is { } team)
            yield return $"team:{team}";

        yield return $"model:{call.Request.Model}";
    }

    /// <summary>The scopes whose ledgers a call is booked in.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Their names.</returns>
    public static IEnumerable<string> MoneyOf(Call call)
    {
        yield return $"key:{call.Request.Key.Id}";
        if (call.Request.Key.Team is { } team)
            yield return $"team:{team}";

        yield return "org";
        if (call.Request.SessionId is { } session)
            yield return $"session:{session}";
    }

    /// <summary>Adds a call to every scope that it passed, or may have.</summary>
    /// <param name="call">The call.</param>
    public void Add(Call call)
    {
        foreach (var scope in LimitsOf(call))
            LimitsOf(scope, call).Add(call);

        foreach (var scope in MoneyOf(call))
        {
            if (!_money.TryGetValue(scope, out var reference))
                _money[scope] = reference = new MoneyReference(scope, BudgetOf(scope, call));

            reference.Add(call);
        }
    }

    /// <summary>The reference of a scope's limits.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="call">A call that asked it.</param>
    /// <returns>The reference.</returns>
    public LimitReference LimitsOf(string scope, Call call)
    {
        if (!_limits.TryGetValue(scope, out var reference))
            _limits[scope] = reference = new LimitReference(RulesOf(scope, call));

        return reference;
    }

    /// <summary>Makes every scope's actor active.</summary>
    /// <param name="host">The host.</param>
    /// <returns>A task.</returns>
    public async Task WakeAsync(AccuracyHost host)
    {
        string[] limited =
        [
            .. world.Keys.Select(key => $"key:{key.Id}"), .. world.Settings.Teams.Select(team => $"team:{team.Id}"),
            .. world.Settings.Models.Select(model => $"model:{model.Id}"), .. world.Settings.Upstreams.Select(upstream => $"upstream:{upstream.Id}"),
        ];
        foreach (var scope in limited)
            await host.Actors.RateLimiter(scope).DescribeAsync(RateLimits.None, default);

        string[] paid =
        [
            "org", .. world.Keys.Select(key => $"key:{key.Id}"), .. world.Settings.Teams.Select(team => $"team:{team.Id}"),
            .. world.Sessions.Select((_, number) => $"session:s{number}"),
        ];
        foreach (var scope in paid)
            await host.Actors.CostTracker(scope).DescribeAsync(null, default);
    }

    private RateLimits RulesOf(string scope, Call call) => scope switch
    {
        _ when scope.StartsWith("key:", StringComparison.Ordinal) => call.Request.Key.Limits,
        _ when scope.StartsWith("team:", StringComparison.Ordinal) => Team(scope).Limits.ToLimits(),
        _ => world.Settings.Models.Single(model => scope == $"model:{model.Id}").Limits.ToLimits(),
    };

    /// <summary>The budget of a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="call">A call that asked it.</param>
    /// <returns>The budget; null for none.</returns>
    public Budget? BudgetOf(string scope, Call call) => scope switch
    {
        "org" => world.Settings.Org.Budget!.ToBudget(),
        _ when scope.StartsWith("key:", StringComparison.Ordinal) => call.Request.Key.Budget,
        _ when scope.StartsWith("team:", StringComparison.Ordinal) => Team(scope).Budget!.ToBudget(),
        _ => call.Request.SessionBudget,
    };

    private TeamOptions Team(string scope) => world.Settings.Teams.Single(team => scope == $"team:{team.Id}");
}
