using OrleansChat.Core.Caching;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>A key as <c>/api/keys</c> shows it, without any secret.</summary>
internal sealed record KeyLine
{
    public required string Id { get; init; }

    /// <summary><c>settings</c> or <c>api</c>.</summary>
    public required string Source { get; init; }

    /// <summary><c>active</c>, <c>expired</c>, <c>revoked</c>, or <c>overruled</c> while settings name the id of a key made at run time.</summary>
    public required string Status { get; init; }

    public string? Team { get; init; }

    public bool Admin { get; init; }

    public required RateLimits Limits { get; init; }

    public KeyBudget? Budget { get; init; }

    public IReadOnlyList<string>? Models { get; init; }

    public IReadOnlyList<string>? Upstreams { get; init; }

    public IReadOnlyList<string>? Collections { get; init; }

    public CacheScope? Cache { get; init; }

    public bool LogContent { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Until when the secret before the last rotation is valid.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>The secret; given once, with the answer that makes it.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static KeyLine Configured(ApiKey key) => Of(key, "settings", "active");

    public static KeyLine Issued(IssuedKey issued, bool isOverruled, DateTimeOffset now) =>
        Of(issued.Key, "api", StatusOf(issued, isOverruled, now)) with
        {
            CreatedAt = issued.CreatedAt,
            ExpiresAt = issued.ExpiresAt,
            RevokedAt = issued.RevokedAt,
            PreviousSecretUntil = issued.PreviousUntil > now ? issued.PreviousUntil : null,
        };

    private static string StatusOf(IssuedKey issued, bool isOverruled, DateTimeOffset now) =>
        issued.RevokedAt is not null ? "revoked" : isOverruled ? "overruled" : issued.IsActive(now) ? "active" : "expired";

    private static KeyLine Of(ApiKey key, string source, string status) => new()
    {
        Id = key.Id,
        Source = source,
        Status = status,
        Team = key.Team,
        Admin = key.Admin,
        Limits = key.Limits,
        Budget = key.Budget is { } budget ? KeyBudget.Of(budget) : null,
        Models = key.Models,
        Upstreams = key.Upstreams,
        Collections = key.Collections,
        Cache = key.Cache,
        LogContent = key.LogContent,
    };
}

/// <summary>A key's budget.</summary>
/// <param name="Usd">US dollars in a window.</param>
/// <param name="Window">The window.</param>
/// <param name="Thresholds">The percentages at which a warning is raised.</param>
/// <param name="FreeTokens">Tokens that are free in a window, by the model's id.</param>
internal sealed record KeyBudget(decimal Usd, BudgetWindow Window, IReadOnlyList<int> Thresholds, IReadOnlyDictionary<string, long>? FreeTokens)
{
    public static KeyBudget Of(Budget budget) =>
        new(NanoUsd.ToUsd(budget.LimitNanoUsd), budget.Window, budget.Thresholds ?? Budget.DefaultThresholds, budget.FreeTokens);
}

/// <summary>All keys.</summary>
/// <param name="Items">Those of settings, then those made at run time.</param>
internal sealed record KeyLines(IReadOnlyList<KeyLine> Items);
