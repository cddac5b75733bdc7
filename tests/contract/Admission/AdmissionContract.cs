using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Admission;

public abstract class AdmissionContract<THost>(ITestOutputHelper output) : ActorContract<THost>, IDisposable
    where THost : IActorHostFactory
{
    private static readonly UpstreamTarget Target = new("up", "gpt");
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    // One dollar for a million tokens is 1,000 nano-dollars a token.
    private const decimal UsdPerMillion = 1;
    private const long NanoUsdPerToken = 1_000;

    private readonly List<IDisposable> _made = [];

    [Fact]
    public async Task Admit_WhenALaterScopeRefuses_LeavesEveryScopeAsItWas()
    {
        var settings = Configure(modelLimits: new LimitOptions { RequestsPerMinute = 1 });
        var admission = Admission(settings);
        var key = Key("k", new RateLimits { RequestsPerMinute = 10, TokensPerMinute = 10_000, MaxConcurrent = 5 }, usd: 1);
        Assert.NotNull((await AdmitAsync(admission, "a", key)).Grant);
        var before = await StateAsync(key);

        var refused = await AdmitAsync(admission, "b", key);

        Assert.Equal("model:default requestsPerMinute", refused.Refusal!.Subject);
        Assert.Equal(("rate_limited", 60.0), (refused.Refusal.Code, refused.Refusal.RetryAfterSeconds));
        Assert.Equal(before, await StateAsync(key));
        Assert.Equal(before.Limits, refused.KeyStatus);
    }

    [Fact]
    public async Task Admit_WhenABudgetRefuses_LeavesEveryLimitAsItWas()
    {
        var admission = Admission(Configure());
        var key = Key("k", new RateLimits { RequestsPerMinute = 10, MaxConcurrent = 5 }, usd: 0.0001m);
        var before = await StateAsync(key);

        var refused = await AdmitAsync(admission, "a", key, input: 60, output: 60);

        Assert.Equal(("budget_exceeded", "key:k budget"), (refused.Refusal!.Code, refused.Refusal.Subject));
        Assert.Equal((new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero) - Clock.GetUtcNow()).TotalSeconds, refused.Refusal.RetryAfterSeconds);
        Assert.Equal(before, await StateAsync(key));
    }

    [Theory]
    [InlineData("key:k", 0.5, 10, 10, 600_000)]
    [InlineData("team:t", 10, 0.5, 10, 600_000)]
    [InlineData("org", 10, 10, 0.5, 600_000)]
    [InlineData("session:s", 10, 10, 10, 1_000_001)] // whose budget is a dollar
    public async Task Admit_WhenABudgetRefuses_LeavesEveryScopeAsItWas(string scope, double keyUsd, double teamUsd, double orgUsd, long input)
    {
        var limits = new LimitOptions { RequestsPerMinute = 10, RequestsPerDay = 100, TokensPerMinute = 10_000_000, MaxConcurrent = 5 };
        var settings = Configure(teamLimits: limits, modelLimits: limits, teamUsd: (decimal)teamUsd, orgUsd: (decimal)orgUsd);
        var admission = Admission(settings with { Upstreams = [new UpstreamOptions { Id = "up", BaseUrl = "http://127.0.0.1", Limits = limits }] });
        var key = Key("k", limits.ToLimits(), usd: (decimal)keyUsd);
        var first = (await AdmitAsync(admission, "settled", key, input: 100, session: "s")).Grant!;
        await admission.SettleAsync(first, new TokenUsage(70, 0), Target, default);
        Assert.NotNull((await AdmitAsync(admission, "open", key, input: 100, session: "s")).Grant);
        var before = await EveryScopeAsync(limits.ToLimits());

        var refused = await AdmitAsync(admission, "refused", key, input, session: "s");

        Assert.Equal(("budget_exceeded", $"{scope} budget"), (refused.Refusal!.Code, refused.Refusal.Subject));
        var after = await EveryScopeAsync(limits.ToLimits());
        Assert.Equal(before.Limits, after.Limits);
        Assert.Equal(before.Money, after.Money);
        var limited = new RateLimitStatus
        {
            RequestsPerMinute = new LimitStatus(10, 8, 60),
            TokensPerMinute = new LimitStatus(10_000_000, 10_000_000 - 170, 60),
            RequestsPerDay = new LimitStatus(100, 98, 86_400),
            Concurrent = new ConcurrencyStatus(5, 1),
        };
        Assert.All(before.Limits, one => Assert.Equal(limited, one));
        Assert.All(before.Money, one => Assert.Equal((70 * NanoUsdPerToken, 100 * NanoUsdPerToken), one));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_OfWhatSettingsHaveTakenTheScopesFrom_LeavesNothingHeld(bool isUsed)
    {
        var limits = new LimitOptions { RequestsPerMinute = 10, RequestsPerDay = 100, TokensPerMinute = 10_000_000, MaxConcurrent = 5 };
        var settings = Limited(Configure(teamLimits: limits, modelLimits: limits, teamUsd: 10, orgUsd: 10), limits);
        var admission = Admission(settings);
        var grant = (await AdmitAsync(admission, "a", Key("k", limits.ToLimits(), usd: 1), input: 100, session: "s")).Grant!;

        Host.Settings.Change(Limited(Configure(model: "other"), new LimitOptions()));
        if (isUsed)
            await admission.SettleAsync(grant, new TokenUsage(70, 0), Target, default);
        else
            await admission.ReleaseAsync(grant, default);

        var (held, money) = await EveryScopeAsync(limits.ToLimits());
        Assert.All(held, one => Assert.Equal((0, 10_000_000 - (isUsed ? 70 : 0)), (one.Concurrent!.InUse, one.TokensPerMinute!.Remaining)));
        Assert.All(money, one => Assert.Equal((isUsed ? 70 * NanoUsdPerToken : 0, 0), one));
    }

    [Fact]
    public async Task Settle_OfACallFromBeforeItsScopesWereInSettings_IsBookedInBudgetsAndTakesNoPlace()
    {
        var limits = new LimitOptions { RequestsPerMinute = 10, MaxConcurrent = 5 };
        var admission = Admission(Configure());
        var grant = (await AdmitAsync(admission, "a", Key("k", RateLimits.None), input: 100)).Grant!;

        Host.Settings.Change(Limited(Configure(teamLimits: limits, modelLimits: limits, teamUsd: 10, orgUsd: 10), limits));
        await admission.SettleAsync(grant, new TokenUsage(70, 0), Target, default);

        var (held, money) = await EveryScopeAsync(limits.ToLimits());
        Assert.All(held, one => Assert.Equal((0, 10), (one.Concurrent!.InUse, one.RequestsPerMinute!.Remaining)));
        Assert.Equal([(70 * NanoUsdPerToken, 0), (70 * NanoUsdPerToken, 0), (70 * NanoUsdPerToken, 0), (0, 0)], money);
    }

    [Fact]
    public async Task Admit_WhenSeveralScopesRefuse_NamesTheTimeAtWhichAllPass()
    {
        var admission = Admission(Configure(
            teamLimits: new LimitOptions { RequestsPerMinute = 2 }, modelLimits: new LimitOptions { TokensPerMinute = 100 }));
        var key = Key("k", new RateLimits { RequestsPerMinute = 1 });
        var other = Key("other", RateLimits.None);
        Assert.NotNull((await AdmitAsync(admission, "a", key)).Grant);
        Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.NotNull((await AdmitAsync(admission, "b", other, input: 70)).Grant);

        var refused = await AdmitAsync(admission, "c", key, input: 95);
        Assert.Equal(("model:default tokensPerMinute", 60.0), (refused.Refusal!.Subject, refused.Refusal.RetryAfterSeconds));

        Clock.Advance(TimeSpan.FromSeconds(60) - Tick);
        Assert.Null((await AdmitAsync(admission, "c", key, input: 95)).Grant);
        Clock.Advance(Tick);
        Assert.NotNull((await AdmitAsync(admission, "c", key, input: 95)).Grant);
    }

    [Fact]
    public async Task Admit_WithoutLimitsOrBudgets_KeepsTheKeysLedger()
    {
        var admission = Admission(Configure());
        var key = Key("k", RateLimits.None);
        var decision = await AdmitAsync(admission, "a", key, input: 10, output: 10);

        var cost = await admission.SettleAsync(decision.Grant!, new TokenUsage(10, 5), Target, default);

        Assert.Equal(15 * NanoUsdPerToken, cost);
        var entry = Assert.Single(await LedgerAsync("key:k"));
        Assert.Equal(("a", cost, "up", "default", "t"), (entry.OperationId, entry.NanoUsd, entry.Subject.Upstream, entry.Subject.Model, entry.Subject.Team));
    }

    [Fact]
    public async Task Admit_OfAPartOfARequest_TakesNoPlaceOfItsKeyAndPassesItsBudgets()
    {
        var admission = Admission(Configure(teamLimits: new LimitOptions { RequestsPerMinute = 1 }, modelLimits: new LimitOptions { RequestsPerMinute = 3 }, teamUsd: 1));
        var key = Key("k", new RateLimits { RequestsPerMinute = 1, MaxConcurrent = 1 }, usd: 0.001m);
        Assert.NotNull((await AdmitAsync(admission, "whole", key, input: 400)).Grant);

        var part = (await admission.AdmitAsync(Part("part", key, 500), default)).Grant!;
        Assert.Equal((900 * NanoUsdPerToken, 1), ((await StateAsync(key)).Reserved, (await StateAsync(key)).Limits.Concurrent!.InUse));
        Assert.Equal("key:k budget", (await admission.AdmitAsync(Part("too-dear", key, 200), default)).Refusal!.Subject);
        await admission.SettleAsync(part, new TokenUsage(7, 0), Target, default);
        Assert.Equal((7 * NanoUsdPerToken, 1), ((await StateAsync(key)).Spent, (await StateAsync(key)).Limits.Concurrent!.InUse));
        Assert.NotNull((await admission.AdmitAsync(Part("third", key, 10), default)).Grant);
        Assert.Equal("model:default requestsPerMinute", (await admission.AdmitAsync(Part("one-more", key, 10), default)).Refusal!.Subject);
    }

    [Fact]
    public async Task Admit_OfATargetByItsName_AsksItsUpstreamWhateverTheKeyMayName()
    {
        var settings = Configure();
        var admission = Admission(settings with { Upstreams = [new UpstreamOptions { Id = "up", BaseUrl = "http://127.0.0.1", Limits = new LimitOptions { RequestsPerMinute = 1 } }] });
        var key = Key("k", RateLimits.None) with { Models = ["other"], Upstreams = ["other"] };
        var request = Part("a", key, 10) with { IsPartOfRequest = false, Model = "up/embed", Target = new UpstreamTarget("up", "embed") };

        var grant = (await admission.AdmitAsync(request, default)).Grant!;
        Assert.Equal("up", grant.Upstream);
        Assert.Equal("upstream:up requestsPerMinute", (await admission.AdmitAsync(request with { OperationId = "b" }, default)).Refusal!.Subject);
        await admission.SettleAsync(grant, new TokenUsage(3, 0), new UpstreamTarget("up", "embed"), default);
        var entry = Assert.Single(await LedgerAsync("key:k"));
        Assert.Equal(("up/embed", "up", 3, 0), (entry.Subject.Model, entry.Subject.Upstream, entry.Usage.InputTokens, entry.NanoUsd));
    }

    [Fact]
    public async Task Settle_BooksInEveryScopeOnce()
    {
        var admission = Admission(Configure(teamUsd: 1, orgUsd: 1));
        var key = Key("k", new RateLimits { TokensPerMinute = 1_000, MaxConcurrent = 1 }, usd: 1);
        var grant = (await AdmitAsync(admission, "a", key, input: 100, output: 400, session: "s")).Grant!;
        Assert.Equal(500 * NanoUsdPerToken, grant.ReservedNanoUsd);

        for (var i = 0; i < 3; i++)
            await admission.SettleAsync(grant, new TokenUsage(100, 20), Target, default);

        foreach (var scope in (string[])["key:k", "team:t", "org", "session:s"])
        {
            var entry = Assert.Single(await LedgerAsync(scope));
            Assert.Equal((120 * NanoUsdPerToken, "s"), (entry.NanoUsd, entry.Subject.SessionId));
        }

        var status = await Actors.RateLimiter("key:k").DescribeAsync(key.Limits, default);
        Assert.Equal((880, 0), (status.TokensPerMinute!.Remaining, status.Concurrent!.InUse));
    }

    [Theory]
    [InlineData(-5, 10, 10)]
    [InlineData(10, long.MinValue, 10)]
    public async Task Settle_OfANumberThatCannotBe_TakesItAsNothing(long input, long output, long counted)
    {
        var admission = Admission(Configure());
        var grant = (await AdmitAsync(admission, "a", Key("k", RateLimits.None))).Grant!;

        Assert.Equal(counted * NanoUsdPerToken, await admission.SettleAsync(grant, new TokenUsage(input, output), Target, default));
    }

    [Fact]
    public async Task Settle_OfMoreThanWasPossible_IsBookedInFull()
    {
        var admission = Admission(Configure());
        var grant = (await AdmitAsync(admission, "a", Key("k", RateLimits.None, usd: 1), input: 1, output: 1)).Grant!;

        var cost = await admission.SettleAsync(grant, new TokenUsage(5_000_000, 0), Target, default);

        Assert.Equal(5 * NanoUsd.PerUsd, cost);
        Assert.Equal(cost, (await Actors.CostTracker("key:k").DescribeAsync(null, default)).SpentNanoUsd);
        Assert.Equal("budget_exceeded", (await AdmitAsync(admission, "b", Key("k", RateLimits.None, usd: 1))).Refusal!.Code);
    }

    [Fact]
    public async Task Release_FreesTokensPlaceAndMoney_AndLeavesTheRequestCounted()
    {
        var admission = Admission(Configure());
        var key = Key("k", new RateLimits { RequestsPerMinute = 10, TokensPerMinute = 100, MaxConcurrent = 1 }, usd: 1);
        var grant = (await AdmitAsync(admission, "a", key, input: 50, output: 50)).Grant!;

        await admission.ReleaseAsync(grant, default);

        var (limits, spent, reserved) = await StateAsync(key);
        Assert.Equal((9, 100, 0, 0, 0), (limits.RequestsPerMinute!.Remaining, limits.TokensPerMinute!.Remaining, limits.Concurrent!.InUse, spent, reserved));
        Assert.Empty(await LedgerAsync("key:k"));
    }

    [Fact]
    public async Task Renew_WhileARequestRuns_KeepsPlaceAndReservation()
    {
        var admission = Admission(Configure());
        var key = Key("k", new RateLimits { MaxConcurrent = 1 }, usd: 1);
        var grant = (await AdmitAsync(admission, "a", key)).Grant!;
        for (var i = 0; i < 20; i++)
        {
            Clock.Advance(RateLimitRequest.DefaultLease / 3);
            await admission.RenewAsync(grant, default);
        }

        Assert.Equal("key:k maxConcurrent", (await AdmitAsync(admission, "b", key)).Refusal!.Subject);
        Assert.Equal((0, grant.ReservedNanoUsd), ((await StateAsync(key)).Spent, (await StateAsync(key)).Reserved));
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.NotNull((await AdmitAsync(admission, "b", key)).Grant);
    }

    [Fact]
    public async Task Renew_OfARequestThatTheRouteLedOn_KeepsItsPlaceThere()
    {
        var admission = Admission(new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "one" }, new UpstreamOptions { Id = "two", Limits = new LimitOptions { MaxConcurrent = 1 } }],
            Models = [new ModelOptions { Id = "default", Route = ["one/a", "two/b"] }],
        });
        var grant = (await AdmitAsync(admission, "a", Key("k", RateLimits.None))).Grant!;
        RateLimitRequest Asked(string operation) => new() { OperationId = operation, Limits = new RateLimits { MaxConcurrent = 1 } };
        Assert.True((await Actors.RateLimiter("upstream:two").AcquireAsync(Asked("a"), default)).Admitted);
        for (var i = 0; i < 5; i++)
        {
            Clock.Advance(RateLimitRequest.DefaultLease / 2);
            await admission.RenewAsync(grant, default);
        }

        Assert.False((await Actors.RateLimiter("upstream:two").AcquireAsync(Asked("b"), default)).Admitted);
        await admission.SettleAsync(grant, new TokenUsage(1, 1), new UpstreamTarget("two", "b"), default);
        Assert.True((await Actors.RateLimiter("upstream:two").AcquireAsync(Asked("b"), default)).Admitted);
    }

    [Fact]
    public async Task Admit_ByUpstreamLimits_GoesToTheNextOfTheRoute_AndRefusesWhenAllDo()
    {
        var settings = new OrleansChatOptions
        {
            Upstreams =
            [
                new UpstreamOptions { Id = "one", Limits = new LimitOptions { RequestsPerMinute = 1 } },
                new UpstreamOptions { Id = "two", Limits = new LimitOptions { RequestsPerMinute = 1 } },
            ],
            Models = [new ModelOptions { Id = "default", Route = ["one/a", "two/b"] }],
        };
        var admission = Admission(settings);
        var key = Key("k", new RateLimits { RequestsPerMinute = 10 });

        Assert.Equal("one", (await AdmitAsync(admission, "a", key)).Grant!.Upstream);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("two", (await AdmitAsync(admission, "b", key)).Grant!.Upstream);

        var refused = await AdmitAsync(admission, "c", key);
        Assert.Equal(("upstream:one requestsPerMinute", 50.0), (refused.Refusal!.Subject, refused.Refusal.RetryAfterSeconds));
        Assert.Equal(8, refused.KeyStatus.RequestsPerMinute!.Remaining);
    }

    [Fact]
    public async Task Admit_FromManyCallersThroughAllScopes_AdmitsExactlyWhatFits()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 10; round++)
        {
            // Each scope alone would admit more than the tightest; only what passes all may be counted in any.
            var (keyLimit, teamLimit, modelLimit, budget) = (random.Next(20, 60), random.Next(20, 100), random.Next(20, 100), random.Next(20, 100));
            var settings = Configure(
                team: $"t{round}", model: $"m{round}", teamLimits: new LimitOptions { RequestsPerMinute = teamLimit },
                modelLimits: new LimitOptions { RequestsPerMinute = modelLimit }, teamUsd: budget * 10 * NanoUsdPerToken / (decimal)NanoUsd.PerUsd);
            var admission = Admission(settings);
            var keys = Enumerable.Range(0, 3).Select(i => Key($"k{round}-{i}", new RateLimits { RequestsPerMinute = keyLimit }, team: $"t{round}")).ToList();

            var decisions = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(
                async () => (Key: i % 3, Decision: await AdmitAsync(admission, $"{round}-{i}", keys[i % 3], input: 10, model: $"m{round}")))));

            var admitted = decisions.Where(one => one.Decision.Grant is not null).ToList();
            Assert.Equal(Math.Min(Math.Min(3 * keyLimit, teamLimit), Math.Min(modelLimit, budget)), admitted.Count);
            for (var i = 0; i < 3; i++)
            {
                var left = (await Actors.RateLimiter($"key:{keys[i].Id}").DescribeAsync(keys[i].Limits, default)).RequestsPerMinute!.Remaining;
                Assert.Equal(keyLimit - admitted.Count(one => one.Key == i), left);
            }
        }
    }

    public void Dispose()
    {
        _made.ForEach(one => one.Dispose());
        GC.SuppressFinalize(this);
    }

    private static OrleansChatOptions Configure(
        string team = "t", string model = "default", LimitOptions? teamLimits = null, LimitOptions? modelLimits = null, decimal? teamUsd = null,
        decimal? orgUsd = null) => new()
        {
            Org = new OrgOptions { Budget = orgUsd is { } org ? new BudgetOptions { Usd = org } : null },
            Teams =
            [
                new TeamOptions { Id = team, Limits = teamLimits ?? new(), Budget = teamUsd is { } usd ? new BudgetOptions { Usd = usd } : null },
            ],
            Models =
            [
                new ModelOptions
                {
                    Id = model, Route = ["up/gpt"], InputUsdPerMillion = UsdPerMillion, OutputUsdPerMillion = UsdPerMillion,
                    Limits = modelLimits ?? new(),
                },
            ],
        };

    private static OrleansChatOptions Limited(OrleansChatOptions settings, LimitOptions upstream) =>
        settings with { Upstreams = [new UpstreamOptions { Id = "up", BaseUrl = "http://127.0.0.1", Limits = upstream }] };

    private static ApiKey Key(string id, RateLimits limits, decimal? usd = null, string team = "t") => new()
    {
        Id = id,
        Team = team,
        Limits = limits,
        Budget = usd is { } dollars ? new Budget(NanoUsd.FromUsd(dollars), BudgetWindow.Month) : null,
    };

    private static ValueTask<AdmissionDecision> AdmitAsync(
        IAdmission admission, string id, ApiKey key, long input = 10, long output = 0, string model = "default", string? session = null) =>
        admission.AdmitAsync(
            new AdmissionRequest
            {
                OperationId = id,
                Key = key,
                Model = model,
                SessionId = session,
                SessionBudget = session is null ? null : new Budget(NanoUsd.PerUsd, BudgetWindow.Total),
                InputTokens = input,
                OutputTokens = output,
            },
            default);

    private static AdmissionRequest Part(string id, ApiKey key, long input) =>
        new() { OperationId = id, Key = key, Model = "default", InputTokens = input, OutputTokens = 0, IsPartOfRequest = true, Target = Target };

    private ScopedAdmission Admission(OrleansChatOptions settings)
    {
        Host.Settings.Change(settings);
        var (catalog, rules) = (new ModelCatalog(Host.Settings), new ScopeRules(Host.Settings));
        var watch = new BreakerWatch(Actors, Clock, Host.Settings, NullLogger<BreakerWatch>.Instance);
        _made.AddRange([catalog, rules, watch]);
        return new ScopedAdmission(Actors, catalog, rules, watch, Clock);
    }

    private async Task<(RateLimitStatus Limits, long Spent, long Reserved)> StateAsync(ApiKey key)
    {
        var limits = await Actors.RateLimiter($"key:{key.Id}").DescribeAsync(key.Limits, default);
        var costs = await Actors.CostTracker($"key:{key.Id}").DescribeAsync(key.Budget, default);
        return (limits, costs.SpentNanoUsd, costs.ReservedNanoUsd);
    }

    /// <summary>Whatever a request of the key passes.</summary>
    private async Task<(RateLimitStatus[] Limits, (long Spent, long Reserved)[] Money)> EveryScopeAsync(RateLimits limits)
    {
        string[] limited = ["key:k", "team:t", "model:default", "upstream:up"];
        string[] paid = ["key:k", "team:t", "org", "session:s"];
        return (
            await Task.WhenAll(limited.Select(scope => Actors.RateLimiter(scope).DescribeAsync(limits, default).AsTask())),
            await Task.WhenAll(paid.Select(async scope =>
            {
                var status = await Actors.CostTracker(scope).DescribeAsync(null, default);
                return (status.SpentNanoUsd, status.ReservedNanoUsd);
            })));
    }

    private async Task<List<LedgerEntry>> LedgerAsync(string scope)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in Actors.CostTracker(scope).ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default))
            entries.Add(entry);

        return entries;
    }
}
