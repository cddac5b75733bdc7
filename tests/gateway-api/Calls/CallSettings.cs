using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>The keys, models and upstreams of a run.</summary>
internal static class CallSettings
{
    public const string Plain = "plain-model";
    public const string Hedged = "hedged-model";
    public const string Lame = "lame-model";
    public const string Cached = "cached-model";

    public const string Boss = "boss";

    /// <summary>A key without anything.</summary>
    public const string Free = "free";

    /// <summary>Its answers are its own.</summary>
    public const string Own = "own";

    /// <summary>Their answers are each other's.</summary>
    public const string Shared = "shared";
    public const string Shared2 = "shared2";

    /// <summary>Its requests of a minute and at a time are limited.</summary>
    public const string Limited = "limited";

    /// <summary>It has a small budget.</summary>
    public const string Poor = "poor";

    /// <summary>It may use one model.</summary>
    public const string Narrow = "narrow";

    /// <summary>The requests of a minute that <see cref="Limited"/> has at first.</summary>
    public const int FirstLimit = 6;

    /// <summary>Places at a time that <see cref="Limited"/> has.</summary>
    public const int Places = 3;

    /// <summary>The budget of <see cref="Poor"/>, in US dollars.</summary>
    public const decimal SmallBudget = 4;

    /// <summary>A year's worth of tokens.</summary>
    public const long ManyTokens = 900_000_000_000;

    /// <summary>US dollars for a token.</summary>
    public const decimal InputPrice = 0.0001m;
    public const decimal OutputPrice = 0.0002m;

    public static readonly TimeSpan HedgeAfter = TimeSpan.FromMilliseconds(512);
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    public static readonly IReadOnlyList<string> Keys = [Free, Own, Shared, Shared2, Limited, Poor, Narrow];

    private static readonly LimitOptions Counted = new() { MaxConcurrent = 1_000, RequestsPerMinute = 1_000_000 };

    public static string SecretOf(string key) => $"sk-{key}";

    /// <summary>Whom a key, or its model, lets share an answer; null for no cache.</summary>
    public static string? CacheOf(string key, string model) => key switch
    {
        Own => $"key:{key}",
        Shared or Shared2 => "shared",
        _ when model == Cached => $"key:{key}",
        _ => null,
    };

    public static OrleansChatOptions Make(string one, string two, string gone, int failures) => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = Boss, Secret = SecretOf(Boss), Admin = true },
            new ApiKeyOptions { Id = Free, Secret = SecretOf(Free) },
            new ApiKeyOptions { Id = Own, Secret = SecretOf(Own), Cache = CacheScope.Key, Team = "red" },
            new ApiKeyOptions { Id = Shared, Secret = SecretOf(Shared), Cache = CacheScope.Shared, Team = "red" },
            new ApiKeyOptions { Id = Shared2, Secret = SecretOf(Shared2), Cache = CacheScope.Shared, Limits = Counted },
            LimitedTo(FirstLimit),
            new ApiKeyOptions { Id = Poor, Secret = SecretOf(Poor), Team = "red", Budget = new BudgetOptions { Usd = SmallBudget, Window = Core.Costs.BudgetWindow.Total } },
            new ApiKeyOptions { Id = Narrow, Secret = SecretOf(Narrow), Models = [Plain], Limits = Counted },
        ],
        Teams = [new TeamOptions { Id = "red", Limits = Counted, Budget = new BudgetOptions { Usd = 900_000_000, Window = Core.Costs.BudgetWindow.Total } }],
        Org = new OrgOptions { Budget = new BudgetOptions { Usd = 900_000_000, Window = Core.Costs.BudgetWindow.Total } },
        Upstreams = [UpstreamAt("one", one), UpstreamAt("two", two) with { Limits = new LimitOptions() }, UpstreamAt("gone", gone)],
        Models =
        [
            ModelOf(Plain, "one/m", "two/m"),
            ModelOf(Hedged, "one/m", "two/m") with { HedgeAfter = HedgeAfter },
            ModelOf(Lame, "gone/m", "two/m"),
            ModelOf(Cached, "two/m", "one/m") with { Cache = CacheScope.Key },
        ],
        Breakers = new BreakerOptions { ConsecutiveFailures = failures },
    };

    /// <summary>The upstreams of a model.</summary>
    public static IReadOnlyList<string> RouteOf(string model) => model == Lame ? ["gone", "two"] : ["one", "two"];

    /// <summary><see cref="Limited"/> with so many requests a minute.</summary>
    public static ApiKeyOptions LimitedTo(int requests) =>
        new() { Id = Limited, Secret = SecretOf(Limited), Team = "red", Limits = new LimitOptions { RequestsPerMinute = requests, MaxConcurrent = Places } };

    private static UpstreamOptions UpstreamAt(string id, string url) =>
        new() { Id = id, BaseUrl = url, MaxRetries = 0, Timeout = Silence, FirstTokenTimeout = Silence, TokenTimeout = Silence, Limits = Counted };

    private static ModelOptions ModelOf(string id, params RouteItem[] route) => new()
    {
        Id = id,
        Route = route,
        MaxOutputTokens = Question.MaxOutput,
        InputUsdPerMillion = InputPrice * 1_000_000,
        OutputUsdPerMillion = OutputPrice * 1_000_000,
        Limits = Counted,
    };
}
