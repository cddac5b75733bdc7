namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>Who is let in by the settings in force, and what he owes, found from all calls anew.</summary>
internal sealed class NaiveDoor(DrawnSettings start)
{
    private readonly List<ReloadCall> _open = [];

    /// <summary>The settings in force.</summary>
    public DrawnSettings Settings { get; private set; } = start;

    /// <summary>All calls that were let in.</summary>
    public List<ReloadCall> Calls { get; } = [];

    /// <summary>Those that are not over.</summary>
    public IReadOnlyList<ReloadCall> Open => _open;

    /// <summary>A file is in force. Upstreams themselves wait for a restart; their limits do not.</summary>
    public void Reload(DrawnSettings settings) => Settings = settings with
    {
        Upstreams = DrawnSettings.UpstreamIds.ToDictionary(id => id, id => settings.Upstreams.TryGetValue(id, out var limits) ? limits : Settings.Upstreams[id]),
    };

    /// <summary>What becomes of a call.</summary>
    /// <returns>The status, and the call where it is let in.</returns>
    public (int Status, ReloadCall? Call) Enter(int number, string keyId, string modelId)
    {
        if (Settings.Keys.FirstOrDefault(key => key.Id == keyId) is not { } key)
            return (401, null);
        if (Settings.Models.FirstOrDefault(model => model.Id == modelId) is not { } model)
            return (404, null);
        if (key.Models.Count > 0 && !key.Models.Contains(modelId))
            return (403, null);

        var scopes = new List<(string Scope, DrawnLimits Limits)>();
        Add($"key:{key.Id}", key.Limits);
        Add($"team:{DrawnSettings.Team}", key.IsInTeam ? Settings.TeamLimits : null);
        Add($"model:{model.Id}", model.Limits);
        if (!scopes.TrueForAll(one => HasRoom(one.Scope, one.Limits)))
            return (429, null);

        if (model.Route.FirstOrDefault(one => Settings.Upstreams[one] is not { } limits || HasRoom($"upstream:{one}", limits)) is not { } upstream)
            return (429, null);
        Add($"upstream:{upstream}", Settings.Upstreams[upstream]);

        var budgets = new List<DrawnBudget?> { key.Budget, Settings.OrgBudget };
        HashSet<string> payers = [$"key:{key.Id}"];
        if (Settings.OrgBudget is not null)
            payers.Add("org");
        if (key.IsInTeam && Settings.TeamBudget is { } team)
        {
            budgets.Add(team);
            payers.Add($"team:{DrawnSettings.Team}");
        }

        if (model.UsdPerMillion > 0 && budgets.Exists(budget => budget is { IsTiny: true }))
            return (402, null);

        var call = new ReloadCall(number, key.Id, key.IsInTeam, model.Id, upstream, [.. scopes.Select(one => one.Scope)], payers, model.UsdPerMillion * 1_000);
        _open.Add(call);
        Calls.Add(call);
        return (200, call);

        void Add(string scope, DrawnLimits? limits)
        {
            if (limits is not null)
                scopes.Add((scope, limits));
        }
    }

    /// <summary>A call is over. A budget that was set meanwhile counts it too.</summary>
    public void Leave(ReloadCall call)
    {
        _open.Remove(call);
        if (Settings.OrgBudget is not null)
            call.Payers.Add("org");
        if (call.IsInTeam && Settings.TeamBudget is not null)
            call.Payers.Add($"team:{DrawnSettings.Team}");
    }

    /// <summary>A key's calls that are over.</summary>
    public int Ended(string key) => Calls.Count(call => call.Key == key) - _open.Count(call => call.Key == key);

    /// <summary>Calls that a scope counts as under way.</summary>
    public int InUse(string scope) => _open.Count(call => call.Scopes.Contains(scope));

    // Time stands still, so nothing leaves the minute.
    private bool HasRoom(string scope, DrawnLimits limits) =>
        InUse(scope) < limits.AtATime && Calls.Count(call => call.Scopes.Contains(scope)) < limits.PerMinute;
}
