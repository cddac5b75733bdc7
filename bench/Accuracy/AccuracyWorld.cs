using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The keys, teams, models and upstreams of a run, narrow enough that every limit and budget refuses now and then.</summary>
internal sealed class AccuracyWorld
{
    /// <summary>The model that one upstream alone answers for.</summary>
    public const string SoloModel = "solo";

    /// <summary>The model that has two upstreams.</summary>
    public const string PairModel = "pair";

    private const int TeamCount = 2;
    private const int SessionCount = 3;

    private AccuracyWorld(OrleansChatOptions settings, IReadOnlyList<ApiKey> keys, IReadOnlyList<Budget> sessions) =>
        (Settings, Keys, Sessions) = (settings, keys, sessions);

    /// <summary>The settings.</summary>
    public OrleansChatOptions Settings { get; }

    /// <summary>The keys as they begin.</summary>
    public IReadOnlyList<ApiKey> Keys { get; }

    /// <summary>The sessions' budgets.</summary>
    public IReadOnlyList<Budget> Sessions { get; }

    public static AccuracyWorld Draw(Random random, int keyCount)
    {
        var teams = Enumerable.Range(0, TeamCount).Select(i => new TeamOptions
        {
            Id = $"team-{i}",
            Limits = new LimitOptions { RequestsPerMinute = random.Next(20, 60), TokensPerMinute = random.Next(10_000, 40_000) },
            Budget = new BudgetOptions { Usd = random.Next(5, 50) / 10m, Window = i == 0 ? BudgetWindow.Day : BudgetWindow.Week },
        });
        var settings = new OrleansChatOptions
        {
            Org = new OrgOptions
            {
                Budget = new BudgetOptions { Usd = random.Next(20, 100) / 10m, Window = BudgetWindow.Day },
                TimeZone = random.Next(2) == 0 ? "UTC" : "Europe/Berlin",
            },
            Teams = [.. teams],
            Upstreams =
            [
                new UpstreamOptions { Id = "alpha", BaseUrl = "http://127.0.0.1:1/v1", Limits = new LimitOptions { RequestsPerMinute = random.Next(20, 80) } },
                new UpstreamOptions { Id = "beta", BaseUrl = "http://127.0.0.1:1/v1", Limits = new LimitOptions { RequestsPerMinute = random.Next(40, 120), MaxConcurrent = random.Next(20, 60) } },
            ],
            Models = [ModelOf(SoloModel, "beta/m"), ModelOf(PairModel, "alpha/m", "beta/m")],
        };
        var keys = Enumerable.Range(0, keyCount).Select(i => KeyOf(i, random)).ToList();
        var sessions = Enumerable.Range(0, SessionCount).Select(_ => new Budget(NanoUsd.FromUsd(random.Next(1, 20) / 10m), BudgetWindow.Total));
        return new AccuracyWorld(settings, keys, [.. sessions]);
    }

    /// <summary>The upstreams of a model's route.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Their ids.</returns>
    public static IReadOnlyList<string> UpstreamsOf(string model) => model == SoloModel ? ["beta"] : ["alpha", "beta"];

    private static ModelOptions ModelOf(string id, params string[] route) => new()
    {
        Id = id,
        Route = [.. route.Select(RouteItem.FromString)],
        InputUsdPerMillion = AccuracyPrice.Input,
        OutputUsdPerMillion = AccuracyPrice.Output,
        Limits = new LimitOptions { TokensPerMinute = 100_000, MaxTokensPerRequest = 7_900 },
    };

    private static ApiKey KeyOf(int number, Random random) => new()
    {
        Id = $"key-{number}",
        Team = number % 3 == 2 ? null : $"team-{number % TeamCount}",
        Limits = (number % 4) switch
        {
            0 => new RateLimits { RequestsPerMinute = random.Next(5, 40), TokensPerMinute = random.Next(5_000, 30_000), MaxConcurrent = random.Next(2, 12) },
            1 => new RateLimits { RequestsPerMinute = random.Next(5, 60), Pacing = Pacing.Smooth, Burst = random.Next(1, 6) },
            2 => new RateLimits { RequestsPerDay = random.Next(20, 400), MaxConcurrent = random.Next(1, 20), TokensPerMinute = random.Next(8_000, 50_000) },
            _ => RateLimits.None,
        },
        Budget = number % 5 == 4 ? null : new Budget(NanoUsd.FromUsd(random.Next(1, 30) / 10m), (BudgetWindow)(number % 4)),
    };
}
