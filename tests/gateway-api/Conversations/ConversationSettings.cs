using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>The keys, models and upstreams of a run.</summary>
internal static class ConversationSettings
{
    public const string Plain = "plain-model";

    /// <summary>Its first upstream is not there.</summary>
    public const string Lame = "lame-model";

    /// <summary>It has one upstream.</summary>
    public const string Lone = "lone-model";

    /// <summary>It sees and may do everything.</summary>
    public const string Boss = "boss";

    /// <summary>Two of a team.</summary>
    public const string Ann = "ann";
    public const string Ben = "ben";

    /// <summary>A key without a team.</summary>
    public const string Eve = "eve";

    /// <summary>It has a small budget.</summary>
    public const string Poor = "poor";

    /// <summary>Its requests of a minute and at a time are limited.</summary>
    public const string Tight = "tight";

    /// <summary>The requests of a minute that <see cref="Tight"/> has.</summary>
    public const int Requests = 4;

    /// <summary>Places at a time that <see cref="Tight"/> has.</summary>
    public const int Places = 2;

    /// <summary>The budget of <see cref="Poor"/> at first, in US dollars.</summary>
    public const decimal SmallBudget = 2;

    /// <summary>How long a turn's events and its client's id are kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    public static readonly IReadOnlyList<string> Models = [Plain, Lame, Lone];

    public static readonly IReadOnlyList<string> Keys = [Boss, Ann, Ben, Eve, Poor, Tight];

    private static readonly LimitOptions Counted = new() { MaxConcurrent = 1_000, RequestsPerMinute = 1_000_000 };

    /// <summary>The team of a key; null for none.</summary>
    public static string? TeamOf(string key) => key is Ann or Ben ? "red" : null;

    /// <summary>The upstreams of a model, in the order in which they are asked.</summary>
    public static IReadOnlyList<string> RouteOf(string model) => model switch
    {
        Lame => ["gone", "two"],
        Lone => ["two"],
        _ => ["one", "two"],
    };

    /// <summary>The settings.</summary>
    public static OrleansChatOptions Make(string one, string two, string gone) => new()
    {
        ApiKeys =
        [
            Key(Boss) with { Admin = true },
            Key(Ann) with { Limits = Counted },
            Key(Ben),
            Key(Eve),
            Key(Poor) with { Budget = new BudgetOptions { Usd = SmallBudget, Window = BudgetWindow.Total } },
            Key(Tight) with { Limits = new LimitOptions { RequestsPerMinute = Requests, MaxConcurrent = Places } },
        ],
        Teams = [new TeamOptions { Id = "red", Limits = Counted, Budget = new BudgetOptions { Usd = 900_000_000, Window = BudgetWindow.Total } }],
        Org = new OrgOptions { Budget = new BudgetOptions { Usd = 900_000_000, Window = BudgetWindow.Total } },
        Upstreams = [Upstream("one", one), Upstream("two", two), Upstream("gone", gone)],
        Models = [.. Models.Select(Model)],
        Breakers = new BreakerOptions { ConsecutiveFailures = 1_000_000 },

        // Few enough that a session soon has several pages.
        Sessions = new SessionOptions { MessagesPerPage = 4, TurnLogRetention = Retention },
    };

    private static ApiKeyOptions Key(string id) => new() { Id = id, Secret = CallSettings.SecretOf(id), Team = TeamOf(id) };

    private static UpstreamOptions Upstream(string id, string url) => new()
    {
        Id = id,
        BaseUrl = url,
        MaxRetries = 0,
        Timeout = CallSettings.Silence,
        FirstTokenTimeout = CallSettings.Silence,
        TokenTimeout = CallSettings.Silence,
        Limits = Counted,
    };

    private static ModelOptions Model(string id) => new()
    {
        Id = id,
        Route = [.. RouteOf(id).Select(upstream => (RouteItem)$"{upstream}/m")],
        MaxOutputTokens = Question.MaxOutput,
        InputUsdPerMillion = CallSettings.InputPrice * 1_000_000,
        OutputUsdPerMillion = CallSettings.OutputPrice * 1_000_000,
        Limits = Counted,
    };
}
