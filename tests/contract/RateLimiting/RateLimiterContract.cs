using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.RateLimiting;

public abstract class RateLimiterContract<THost>(ITestOutputHelper output) : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private IRateLimiterActor Limiter => Actors.RateLimiter("key:k");

    [Fact]
    public async Task Acquire_WhenWindowIsFull_DeniesAndConsumesNothing()
    {
        var limits = new RateLimits { RequestsPerMinute = 3, TokensPerMinute = 100, RequestsPerDay = 10, MaxConcurrent = 5 };
        for (var i = 0; i < 3; i++)
            Assert.True(await AdmitsAsync($"a{i}", limits, tokens: 10));

        var before = await Limiter.DescribeAsync(limits, default);
        var refusal = await AcquireAsync("b", limits, tokens: 10);

        Assert.Equal((false, "requestsPerMinute", Minute), (refusal.Admitted, refusal.Limit, refusal.RetryAfter));
        Assert.Equal(before, await Limiter.DescribeAsync(limits, default));
    }

    [Theory]
    [InlineData("requestsPerMinute", 60)]
    [InlineData("tokensPerMinute", 60)]
    [InlineData("requestsPerDay", 86_400)]
    [InlineData("maxConcurrent", 120)]
    public async Task Acquire_ATickBeforeTheMomentNamed_IsRefusedAndAtThatMomentPasses(string limit, int seconds)
    {
        var limits = limit switch
        {
            "requestsPerMinute" => new RateLimits { RequestsPerMinute = 2 },
            "tokensPerMinute" => new RateLimits { TokensPerMinute = 20 },
            "requestsPerDay" => new RateLimits { RequestsPerDay = 2 },
            _ => new RateLimits { MaxConcurrent = 2 },
        };
        Assert.True(await AdmitsAsync("a", limits, tokens: 10));
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await AdmitsAsync("b", limits, tokens: 10));
        Clock.Advance(TimeSpan.FromSeconds(5));

        var refusal = await AcquireAsync("c", limits, tokens: 10);
        Assert.Equal((limit, TimeSpan.FromSeconds(seconds - 10)), (refusal.Limit, refusal.RetryAfter));

        Clock.Advance(refusal.RetryAfter!.Value - Tick);
        Assert.False(await AdmitsAsync("c", limits, tokens: 10));
        Clock.Advance(Tick);
        Assert.True(await AdmitsAsync("c", limits, tokens: 10));
    }

    [Fact]
    public async Task Acquire_WhenSpacedSmoothly_PassesTheBurstAndThenOneAtEachInterval()
    {
        var limits = new RateLimits { RequestsPerMinute = 60, Pacing = Pacing.Smooth, Burst = 3 };
        for (var i = 0; i < 3; i++)
            Assert.True(await AdmitsAsync($"a{i}", limits));

        for (var i = 0; i < 5; i++)
        {
            var refusal = await AcquireAsync($"b{i}", limits);
            Assert.Equal(TimeSpan.FromSeconds(1), refusal.RetryAfter);
            Clock.Advance(refusal.RetryAfter!.Value - Tick);
            Assert.False(await AdmitsAsync($"b{i}", limits));
            Clock.Advance(Tick);
            Assert.True(await AdmitsAsync($"b{i}", limits));
        }
    }

    [Fact]
    public async Task Acquire_OfTheSameOperation_CountsOnce()
    {
        var limits = new RateLimits { RequestsPerMinute = 2, TokensPerMinute = 100 };
        for (var i = 0; i < 5; i++)
            Assert.True(await AdmitsAsync("a", limits, tokens: 50));

        await Limiter.SettleAsync("a", 30, default);
        Assert.True(await AdmitsAsync("a", limits, tokens: 50));

        var status = await Limiter.DescribeAsync(limits, default);
        Assert.Equal((1, 70), (status.RequestsPerMinute!.Remaining, status.TokensPerMinute!.Remaining));
    }

    [Fact]
    public async Task Acquire_FromManyCallersAtOnce_AdmitsExactlyTheLimit()
    {
        var limits = new RateLimits { RequestsPerMinute = 137, MaxConcurrent = 1_000 };

        var decisions = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(() => AdmitsAsync($"a{i}", limits))));

        Assert.Equal(137, decisions.Count(admitted => admitted));
    }

    [Fact]
    public async Task Acquire_AfterTheLimitsChanged_GoesByTheNewOnes()
    {
        var limits = new RateLimits { RequestsPerMinute = 2 };
        Assert.True(await AdmitsAsync("a", limits));
        Assert.True(await AdmitsAsync("b", limits));
        Assert.False(await AdmitsAsync("c", limits));

        Assert.True(await AdmitsAsync("c", limits with { RequestsPerMinute = 3 }));
        Assert.False(await AdmitsAsync("d", limits with { RequestsPerMinute = 1 }));
    }

    [Fact]
    public async Task Settle_ToLess_FreesTheRestAtOnce_AndToMore_CountsInFull()
    {
        var limits = new RateLimits { TokensPerMinute = 100 };
        Assert.True(await AdmitsAsync("a", limits, tokens: 100));
        await Limiter.SettleAsync("a", 40, default);
        Assert.True(await AdmitsAsync("b", limits, tokens: 60));

        await Limiter.SettleAsync("b", 500, default);

        Assert.Equal(0, (await Limiter.DescribeAsync(limits, default)).TokensPerMinute!.Remaining);
        Clock.Advance(Minute - Tick);
        Assert.False(await AdmitsAsync("c", limits, tokens: 1));
        Clock.Advance(Tick);
        Assert.True(await AdmitsAsync("c", limits, tokens: 100));
    }

    [Fact]
    public async Task Release_OfAnAdmission_LeavesTheScopeAsItWas()
    {
        var limits = new RateLimits { RequestsPerMinute = 5, TokensPerMinute = 100, RequestsPerDay = 5, MaxConcurrent = 5 };
        var before = await Limiter.DescribeAsync(limits, default);
        Assert.True(await AdmitsAsync("a", limits, tokens: 10));

        await Limiter.ReleaseAsync("a", default);
        await Limiter.ReleaseAsync("a", default);

        Assert.Equal(before, await Limiter.DescribeAsync(limits, default));
    }

    [Fact]
    public async Task Renew_OfALease_KeepsItsPlace_AndWithoutOneItIsFreed()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        Assert.True(await AdmitsAsync("a", limits));
        for (var i = 0; i < 5; i++)
        {
            Clock.Advance(RateLimitRequest.DefaultLease - Tick);
            Assert.True(await Limiter.RenewAsync("a", RateLimitRequest.DefaultLease, default));
        }

        Assert.False(await AdmitsAsync("b", limits));
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.False(await Limiter.RenewAsync("a", RateLimitRequest.DefaultLease, default));
        Assert.True(await AdmitsAsync("b", limits));
    }

    [Fact]
    public async Task Acquire_KeptOutByATentativeAdmission_PassesWhenThatIsTakenBack()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        Assert.True(await AdmitsAsync("a", limits, tentative: true));

        var waiting = AdmitsAsync("b", limits);
        await Limiter.ReleaseAsync("a", default);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task Acquire_KeptOutByATentativeAdmission_IsRefusedWhenThatIsConfirmed()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        Assert.True(await AdmitsAsync("a", limits, tentative: true));

        var waiting = AcquireAsync("b", limits);
        Assert.True(await Limiter.ConfirmAsync("a", default));

        Assert.Equal((false, Minute), ((await waiting).Admitted, (await waiting).RetryAfter));
    }

    [Fact]
    public async Task Acquire_KeptOutByATentativeAdmission_PassesWhenItsCallerHasDied()
    {
        var limits = new RateLimits { RequestsPerMinute = 1, RequestsPerDay = 1, MaxConcurrent = 1 };
        Assert.True(await AdmitsAsync("a", limits, tentative: true));
        var waiting = AdmitsAsync("b", limits);

        // Until the actor has begun to wait, the clock has no timer of its own to fire.
        await TestWait.UntilAsync(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            return waiting.IsCompleted;
        });

        Assert.True(await waiting);
        Assert.False(await Limiter.ConfirmAsync("a", default));
    }

    [Fact]
    public async Task Acquire_WhoseCallerNoLongerWaits_TakesNothing()
    {
        var limits = new RateLimits { MaxConcurrent = 1 };
        Assert.True(await AdmitsAsync("a", limits, tentative: true));
        using var leaving = new CancellationTokenSource();
        var waiting = Limiter.AcquireAsync(Ask("b", limits), leaving.Token).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Limiter.ReleaseAsync("a", default);

        Assert.Equal(0, (await Limiter.DescribeAsync(limits, default)).Concurrent!.InUse);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task Acquire_OfAnAbsurdNumberOfTokens_IsTheCallersMistake(long tokens)
    {
        await Assert.ThrowsAsync<RequestException>(() => AcquireAsync("a", new RateLimits { TokensPerMinute = 10 }, tokens));
    }

    [Fact]
    public async Task Deactivation_InOrder_KeepsEveryMomentAndLease()
    {
        var limits = new RateLimits { RequestsPerMinute = 50, TokensPerMinute = 5_000, RequestsPerDay = 60, MaxConcurrent = 40 };
        for (var i = 0; i < 30; i++)
        {
            Assert.True(await AdmitsAsync($"a{i}", limits, tokens: 100));
            Clock.Advance(TimeSpan.FromMilliseconds(777));
        }

        var before = await Limiter.DescribeAsync(limits, default);
        await Host.DeactivateAllAsync();

        Assert.Equal(before, await Limiter.DescribeAsync(limits, default));
        await Limiter.SettleAsync("a3", 1, default);
        Assert.Equal(before.TokensPerMinute!.Remaining + 99, (await Limiter.DescribeAsync(limits, default)).TokensPerMinute!.Remaining);
    }

    [Fact]
    public async Task Crash_AtAnyMoment_NeverLetsAWindowHoldMoreThanItsLimit()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < THost.CrashRounds; round++)
            await CrashRoundAsync(random, $"key:{round}");
    }

    [Fact]
    public async Task Crash_WithRequestsUnderWay_CountsThemUntilTheirLeasesHaveRunOut()
    {
        var limits = new RateLimits { MaxConcurrent = 4 };
        for (var i = 0; i < 4; i++)
            Assert.True(await AdmitsAsync($"a{i}", limits));

        await Host.CrashAsync();

        Assert.False(await AdmitsAsync("b", limits));
        await Limiter.SettleAsync("a0", 0, default);
        await Limiter.SettleAsync("a0", 0, default);

        // Those that run, and one that may have been let in since the record.
        Assert.InRange((await Limiter.DescribeAsync(limits, default)).Concurrent!.InUse, 3, 4);
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal(0, (await Limiter.DescribeAsync(limits, default)).Concurrent!.InUse);
    }

    [Fact]
    public async Task Crash_CountsTheAllowanceOnce_HoweverOftenTheScopeIsIdleAfterwards()
    {
        var limits = new RateLimits { RequestsPerDay = 1_600, MaxConcurrent = 160 };
        Assert.True(await AdmitsAsync("a", limits));
        await Host.CrashAsync();
        var after = await Limiter.DescribeAsync(limits, default);
        Assert.InRange(after.RequestsPerDay!.Remaining, 1_400, 1_598);
        Assert.InRange(after.Concurrent!.InUse, 1, 12);
        Clock.Advance(RateLimitRequest.DefaultLease);

        await Host.DeactivateAllAsync();
        await Host.DeactivateAllAsync();

        var later = await Limiter.DescribeAsync(limits, default);
        Assert.Equal(after.RequestsPerDay.Remaining, later.RequestsPerDay!.Remaining);
        Assert.Equal(0, later.Concurrent!.InUse);
    }

    [Fact]
    public async Task Crash_CostsNoMoreThanAShareOfTheLimit()
    {
        var limits = new RateLimits { RequestsPerMinute = 1_600, TokensPerMinute = 160_000 };
        for (var i = 0; i < 500; i++)
            Assert.True(await AdmitsAsync($"a{i}", limits, tokens: 100));

        await Host.CrashAsync();

        var status = await Limiter.DescribeAsync(limits, default);
        Assert.InRange(status.RequestsPerMinute!.Remaining, 1_100 - 100, 1_100);
        Assert.InRange(status.TokensPerMinute!.Remaining, 110_000 - 10_000, 110_000);
    }

    private async Task CrashRoundAsync(Random random, string scope)
    {
        var limits = new RateLimits { RequestsPerMinute = random.Next(1, 100), TokensPerMinute = random.Next(500, 3_000) };
        var admitted = new List<(DateTimeOffset At, long Tokens)>();
        for (var step = 0; step < 400; step++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(random.Next(1_000)));
            if (random.Next(40) == 0)
                await (random.Next(2) == 0 ? Host.CrashAsync() : Host.DeactivateAllAsync());

            var tokens = random.Next(200);
            var decision = await Actors.RateLimiter(scope).AcquireAsync(Ask($"{step}", limits, tokens), default);
            if (decision.Admitted)
                admitted.Add((Clock.GetUtcNow(), tokens));

            var window = admitted.Where(one => one.At > Clock.GetUtcNow() - Minute).ToList();
            Assert.True(window.Count <= limits.RequestsPerMinute, $"{window.Count} requests of {limits.RequestsPerMinute}");
            Assert.True(window.Sum(one => one.Tokens) <= limits.TokensPerMinute);
        }
    }

    private static RateLimitRequest Ask(string id, RateLimits limits, long tokens = 0, bool tentative = false) =>
        new() { OperationId = id, Limits = limits, Tokens = tokens, Tentative = tentative };

    private Task<RateLimitDecision> AcquireAsync(string id, RateLimits limits, long tokens = 0, bool tentative = false) =>
        Limiter.AcquireAsync(Ask(id, limits, tokens, tentative), default).AsTask();

    private async Task<bool> AdmitsAsync(string id, RateLimits limits, long tokens = 0, bool tentative = false) =>
        (await AcquireAsync(id, limits, tokens, tentative)).Admitted;
}
