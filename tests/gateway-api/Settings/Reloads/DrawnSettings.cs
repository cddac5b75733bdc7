using System.Text.Json.Nodes;

namespace OrleansChat.GatewayApi.Tests.Settings.Reloads;

/// <summary>Limits as a draw has them; both or none, so that a limiter counts all of them or nothing.</summary>
internal sealed record DrawnLimits(int PerMinute, int AtATime)
{
    public JsonObject ToJson() => new() { ["RequestsPerMinute"] = PerMinute, ["MaxConcurrent"] = AtATime };
}

/// <summary>A budget that carries everything, or nothing that has a price.</summary>
internal sealed record DrawnBudget(bool IsTiny)
{
    public JsonObject ToJson() => new() { ["Usd"] = IsTiny ? 0.000000001m : 1_000_000m, ["Window"] = "Total" };
}

/// <summary>A caller's key.</summary>
internal sealed record DrawnKey(string Id, bool IsInTeam, DrawnLimits? Limits, DrawnBudget? Budget, IReadOnlyList<string> Models);

/// <summary>A model; its price is that of any token.</summary>
internal sealed record DrawnModel(string Id, IReadOnlyList<string> Route, int UsdPerMillion, DrawnLimits? Limits);

/// <summary>What a settings file says.</summary>
internal sealed record DrawnSettings
{
    public const string Boss = "boss";
    public const string Team = "red";
    public const string Flag = "beta";

    public static readonly IReadOnlyList<string> KeyIds = ["ann", "bob", "cid"];
    public static readonly IReadOnlyList<string> ModelIds = ["small", "large"];
    public static readonly IReadOnlyList<string> UpstreamIds = ["one", "two"];

    public required IReadOnlyList<DrawnKey> Keys { get; init; }

    public required IReadOnlyList<DrawnModel> Models { get; init; }

    /// <summary>The limits of each upstream that the file names.</summary>
    public required IReadOnlyDictionary<string, DrawnLimits?> Upstreams { get; init; }

    public DrawnLimits? TeamLimits { get; init; }

    public DrawnBudget? TeamBudget { get; init; }

    public DrawnBudget? OrgBudget { get; init; }

    /// <summary>The keys that have the flag.</summary>
    public IReadOnlyList<string> Flagged { get; init; } = [];

    public static string SecretOf(string key) => $"sk-{key}";

    /// <summary>Draws a file; all upstreams are in it where it is the first.</summary>
    public static DrawnSettings Draw(Random random, bool isFirst)
    {
        var upstreams = isFirst || random.Next(4) != 0 ? UpstreamIds : [UpstreamIds[random.Next(2)]];
        var models = ModelIds.Where(_ => isFirst || random.Next(5) != 0).DefaultIfEmpty(ModelIds[0])
            .Select(id => new DrawnModel(id, DrawRoute(), random.Next(4), DrawLimits())).ToList();
        return new DrawnSettings
        {
            Keys =
            [
                .. KeyIds.Where(_ => isFirst || random.Next(4) != 0).Select(id => new DrawnKey(
                    id, random.Next(2) == 0, DrawLimits(), DrawBudget(), random.Next(3) == 0 ? [models[random.Next(models.Count)].Id] : [])),
            ],
            Models = models,
            Upstreams = upstreams.ToDictionary(id => id, _ => DrawLimits()),
            TeamLimits = DrawLimits(),
            TeamBudget = DrawBudget(),
            OrgBudget = DrawBudget(),
            Flagged = [.. KeyIds.Where(_ => random.Next(2) == 0)],
        };

        IReadOnlyList<string> DrawRoute()
        {
            string[] route = [.. upstreams];
            random.Shuffle(route);
            return route[..random.Next(1, route.Length + 1)];
        }

        DrawnLimits? DrawLimits() => random.Next(2) == 0 ? null : new DrawnLimits(random.Next(1, 30), random.Next(1, 6));

        DrawnBudget? DrawBudget() => random.Next(2) == 0 ? null : new DrawnBudget(random.Next(6) == 0);
    }

    /// <summary>The file.</summary>
    /// <param name="addresses">Where the upstreams are.</param>
    public JsonObject ToJson(IReadOnlyDictionary<string, string> addresses) => new()
    {
        ["ApiKeys"] = new JsonArray(
        [
            new JsonObject { ["Id"] = Boss, ["Secret"] = SecretOf(Boss), ["Admin"] = true },
            .. Keys.Select(key => With(
                new JsonObject { ["Id"] = key.Id, ["Secret"] = SecretOf(key.Id), [nameof(Models)] = new JsonArray([.. key.Models.Select(model => JsonValue.Create(model))]) },
                key.Limits,
                key.Budget,
                key.IsInTeam ? Team : null)),
        ]),
        ["Teams"] = new JsonArray(With(new JsonObject { ["Id"] = Team }, TeamLimits, TeamBudget)),
        ["Org"] = With([], null, OrgBudget),
        [nameof(Upstreams)] = new JsonArray(
        [
            .. Upstreams.Select(upstream => With(
                new JsonObject
                {
                    ["Id"] = upstream.Key, ["BaseUrl"] = addresses[upstream.Key], ["MaxRetries"] = 0,
                    ["Timeout"] = "01:00:00", ["FirstTokenTimeout"] = "01:00:00", ["TokenTimeout"] = "01:00:00",
                },
                upstream.Value,
                null)),
        ]),
        [nameof(Models)] = new JsonArray(
        [
            .. Models.Select(model => With(
                new JsonObject
                {
                    ["Id"] = model.Id, ["Route"] = new JsonArray([.. model.Route.Select(upstream => JsonValue.Create($"{upstream}/m"))]), ["MaxOutputTokens"] = 64,
                    ["InputUsdPerMillion"] = model.UsdPerMillion, ["OutputUsdPerMillion"] = model.UsdPerMillion,
                },
                model.Limits,
                null)),
        ]),
        ["Gateway"] = new JsonObject { ["MaxAuthenticationFailuresPerMinute"] = 0 },
        ["Logging"] = new JsonObject { ["Level"] = "None" },
        ["Flags"] = new JsonArray(new JsonObject { ["Id"] = Flag, [nameof(Keys)] = new JsonArray([.. Flagged.Select(key => JsonValue.Create(key))]) }),
    };

    private static JsonObject With(JsonObject one, DrawnLimits? limits, DrawnBudget? budget, string? team = null)
    {
        if (limits is not null)
            one["Limits"] = limits.ToJson();
        if (budget is not null)
            one["Budget"] = budget.ToJson();
        if (team is not null)
            one["Team"] = team;
        return one;
    }
}
