using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>Whom an admission lets in: a call that every scope has room for, and no other.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class AdmissionContract<THost>(ITestOutputHelper output) : ScopesSuite<THost>
    where THost : IActorHostFactory
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

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
}
