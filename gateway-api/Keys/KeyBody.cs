using System.Text.Json;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Search.Collections;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>The body that makes or changes a key. What it does not mention stays; null takes a value away.</summary>
/// <param name="Id">The id; null to have one made.</param>
/// <param name="Changes">What it mentions.</param>
internal sealed record KeyBody(string? Id, KeyChanges Changes) : IBody<KeyBody>
{
    private const int MaxNames = 1_000;
    private const int MaxName = 128;

    private static readonly (string Name, KeyFields Field)[] Known =
    [
        ("team", KeyFields.Team), ("admin", KeyFields.Admin), ("limits", KeyFields.Limits), ("budget", KeyFields.Budget),
        ("models", KeyFields.Models), ("upstreams", KeyFields.Upstreams), ("expiresAt", KeyFields.Expiry),
        ("cache", KeyFields.Cache), ("logContent", KeyFields.LogContent), ("collections", KeyFields.Collections),
    ];

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public static bool IsOptional => true;

    public static KeyBody Read(Fields fields, BodyLimits limits)
    {
        fields.Only(["id", .. Known.Select(known => known.Name)], "source", "status", "createdAt", "revokedAt", "previousSecretUntil");
        var mentioned = Known.Where(known => fields.Mentions(known.Name)).Aggregate(KeyFields.None, (sum, known) => sum | known.Field);
        var values = new ApiKey
        {
            Id = "",
            Team = fields.Text("team", MaxName),
            Admin = fields.Flag("admin") ?? false,
            Limits = ReadLimits(fields),
            Budget = ReadBudget(fields),
            Models = fields.Texts("models", MaxNames, MaxName),
            Upstreams = fields.Texts("upstreams", MaxNames, MaxName),
            Collections = ReadCollections(fields),
            Cache = fields.Word("cache", "off", "key", "shared") switch
            {
                "off" => CacheScope.Off,
                "key" => CacheScope.Key,
                "shared" => CacheScope.Shared,
                _ => null,
            },
            LogContent = fields.Flag("logContent") ?? false,
        };
        return new KeyBody(ReadId(fields), new KeyChanges(mentioned, values, fields.Time("expiresAt")));
    }

    private static string? ReadId(Fields fields)
    {
        const int MaxId = 64;
        var id = fields.Text("id", MaxId);
        if (id is not null && (id.Length == 0 || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
            fields.Fault("id", $"must be 1 to {MaxId} letters, digits, '.', '_' or '-'");

        // As segments of a path they mean another one (RFC 3986, section 5.2.4), so that nobody could revoke the key.
        else if (id is "." or "..")
            fields.Fault("id", "must have something beside dots");
        return id;
    }

    private static IReadOnlyList<string>? ReadCollections(Fields fields)
    {
        var names = fields.Texts("collections", MaxNames, CollectionName.MaxLength);
        foreach (var (i, name) in (names ?? []).Index())
        {
            if (!CollectionName.IsValid(name))
                fields.Fault($"collections[{i}]", $"must be 1 to {CollectionName.MaxLength} letters, digits, '-', '_' or '.', beginning with a letter or digit");
        }

        return names;
    }

    // Ranges as for the same limits in settings.
    private static RateLimits ReadLimits(Fields body)
    {
        if (body.Object("limits") is not { } fields)
            return RateLimits.None;

        fields.Only(
            ["requestsPerMinute", "tokensPerMinute", "requestsPerDay", "maxConcurrent", "maxTokensPerRequest", "pacing", "burst", "maxWaitSeconds", "maxWait"]);
        var limits = new RateLimits
        {
            RequestsPerMinute = fields.Whole("requestsPerMinute", 0, 100_000_000),
            TokensPerMinute = fields.WholeLong("tokensPerMinute", 0, 1_000_000_000_000),
            RequestsPerDay = fields.Whole("requestsPerDay", 0, 1_000_000_000),
            MaxConcurrent = fields.Whole("maxConcurrent", 0, 10_000_000),
            MaxTokensPerRequest = fields.WholeLong("maxTokensPerRequest", 0, 1_000_000_000),
            Pacing = fields.Word("pacing", "window", "smooth") == "smooth" ? Pacing.Smooth : Pacing.Window,
            Burst = fields.Whole("burst", 1, 100_000_000),
            MaxWait = ReadMaxWait(fields),
        };
        if (limits is { Pacing: Pacing.Smooth, RequestsPerMinute: not > 0 })
            fields.Fault("pacing", "spaces requests evenly, so 'requestsPerMinute' must be at least 1");
        if (limits is { Pacing: Pacing.Window, Burst: not null })
            fields.Fault("burst", "has no effect unless 'pacing' is 'smooth'");
        return limits;
    }

    /// <summary>In seconds, or as it is shown, so that the limits of a key can be sent back as they came.</summary>
    private static TimeSpan? ReadMaxWait(Fields limits)
    {
        var shown = limits.Span("maxWait", ShortestWait, LongestWait);
        if (limits.Number("maxWaitSeconds", (decimal)ShortestWait.TotalSeconds, (decimal)LongestWait.TotalSeconds) is not { } seconds)
            return shown;
        if (shown is not null)
            limits.Fault("maxWait", "says the same as 'maxWaitSeconds', so only one of them may be given");
        return TimeSpan.FromSeconds((double)seconds);
    }

    private static Budget? ReadBudget(Fields body)
    {
        const decimal MaxUsd = 1_000_000_000;
        if (body.Object("budget") is not { } fields)
            return null;
        fields.Only(["usd", "window", "thresholds", "freeTokens"]);
        if (!fields.Has("usd"))
            fields.Fault("usd", $"is required and must be a number from 0 to {MaxUsd:F0}");
        var window = fields.Word("window", "month", "day", "week", "total") switch
        {
            "day" => BudgetWindow.Day,
            "week" => BudgetWindow.Week,
            "total" => BudgetWindow.Total,
            _ => BudgetWindow.Month,
        };
        return new Budget(NanoUsd.FromUsd(fields.Number("usd", 0, MaxUsd) ?? 0), window)
        {
            Thresholds = ReadThresholds(fields),
            FreeTokens = ReadFreeTokens(fields),
        };
    }

    private static List<int>? ReadThresholds(Fields budget)
    {
        const int MaxThresholds = 100;
        if (budget.Items("thresholds", MaxThresholds) is not { } items)
            return null;
        var percentages = new List<int>(items.Count);
        foreach (var (i, item) in items.Index())
        {
            if (item.ValueKind is JsonValueKind.Number && item.TryGetInt32(out var percent) && percent is >= 1 and <= 1_000 && !percentages.Contains(percent))
                percentages.Add(percent);
            else
                budget.Fault($"thresholds[{i}]", "must be a percentage from 1 to 1000, each once");
        }

        return percentages;
    }

    private static Dictionary<string, long>? ReadFreeTokens(Fields budget)
    {
        const long MaxTokens = 1_000_000_000_000;
        if (budget.Object("freeTokens") is not { } fields || budget.Find("freeTokens") is not { } value)
            return null;
        var free = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var name in value.EnumerateObject().Select(member => member.Name).Take(MaxNames))
        {
            if (fields.WholeLong(name, 0, MaxTokens) is { } tokens)
                free[name] = tokens;
        }

        return free.Count == 0 ? null : free;
    }
}

/// <summary>The body that rotates a key.</summary>
/// <param name="OverlapSeconds">How long the secret before stays valid, in seconds.</param>
internal sealed record RotateKey(int OverlapSeconds) : IBody<RotateKey>
{
    private const int MaxSeconds = 90 * 24 * 3600;
    private const int DefaultSeconds = 24 * 3600;

    public static bool IsOptional => true;

    public static RotateKey Read(Fields fields, BodyLimits limits)
    {
        fields.Only(["overlapSeconds"]);
        return new RotateKey(fields.Whole("overlapSeconds", 0, MaxSeconds) ?? DefaultSeconds);
    }
}
