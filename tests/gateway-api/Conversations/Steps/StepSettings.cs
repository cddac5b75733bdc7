using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>The keys, models and upstreams of a run.</summary>
internal static class StepSettings
{
    /// <summary>Asks one upstream at a time.</summary>
    public const string Plain = "plain-model";

    /// <summary>Asks a second upstream beside the first.</summary>
    public const string Swift = "swift-model";

    /// <summary>As <see cref="Swift"/>, with no third.</summary>
    public const string Pair = "pair-model";

    /// <summary>Has all the room there is.</summary>
    public const string Ann = "ann";

    /// <summary>Has one place, and so never a second call.</summary>
    public const string Lone = "lone";

    /// <summary>A length that no other wait has.</summary>
    public static readonly TimeSpan HedgeAfter = TimeSpan.FromMilliseconds(703);

    private static readonly LimitOptions Counted = new() { MaxConcurrent = 1_000, RequestsPerMinute = 1_000_000 };
    private static readonly BudgetOptions Rich = new() { Usd = 900_000_000, Window = BudgetWindow.Total };

    public static readonly IReadOnlyList<string> Models = [Plain, Swift, Swift, Pair];

    public static readonly IReadOnlyList<string> Keys = [Ann, Lone];

    /// <summary>The upstreams of a model, in the order in which they are asked.</summary>
    public static IReadOnlyList<string> RouteOf(string model) => model == Pair ? ["two", "one"] : ["one", "two", "three"];

    /// <summary>The settings of a host.</summary>
    /// <param name="urls">The addresses of the upstreams.</param>
    /// <param name="host">The host, as upstreams know it.</param>
    public static OrleansChatOptions Make(IReadOnlyDictionary<string, string> urls, string host) => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = ConversationSettings.Boss, Secret = CallSettings.SecretOf(ConversationSettings.Boss), Admin = true },
            new ApiKeyOptions { Id = Ann, Secret = CallSettings.SecretOf(Ann), Limits = Counted, Budget = Rich },
            new ApiKeyOptions { Id = Lone, Secret = CallSettings.SecretOf(Lone), Limits = new LimitOptions { MaxConcurrent = 1 }, Budget = Rich },
        ],
        Org = new OrgOptions { Budget = Rich },
        Upstreams = [.. urls.Select(one => Upstream(one.Key, one.Value, host))],
        Models =
        [
            Model(Plain),
            Model(Swift) with { HedgeAfter = HedgeAfter },
            Model(Pair) with { HedgeAfter = HedgeAfter },
        ],
        Breakers = new BreakerOptions { ConsecutiveFailures = 1_000_000 },
        Sessions = new SessionOptions { MessagesPerPage = 4, TurnLogRetention = TimeSpan.FromDays(30) },

        // Turns under way do not end while a host stops.
        Gateway = new GatewayOptions { DrainTimeout = TimeSpan.FromMilliseconds(20) },
    };

    private static UpstreamOptions Upstream(string id, string url, string host) => new()
    {
        Id = id,
        BaseUrl = url,
        ApiKey = host,
        MaxRetries = 0,
        Timeout = TimeSpan.FromHours(1),
        FirstTokenTimeout = TimeSpan.FromHours(1),
        TokenTimeout = TimeSpan.FromHours(1),
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
