using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>What becomes of a call that was let in: its grant is settled, released or renewed.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class GrantContract<THost> : ScopesSuite<THost>
    where THost : IActorHostFactory
{
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
}
