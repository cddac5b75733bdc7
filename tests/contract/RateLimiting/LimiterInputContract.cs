using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Contract.Tests.RateLimiting;

/// <summary>What becomes of limits that change while requests are under way, of absurd numbers, and of calls that come twice or in the wrong order.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class LimiterInputContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private IRateLimiterActor Limiter => Actors.RateLimiter("key:k");

    [Fact]
    public async Task Acquire_UnderALowerLimit_CountsWhatIsUnderWay()
    {
        var limits = new RateLimits { MaxConcurrent = 5, TokensPerMinute = 1_000 };
        for (var i = 0; i < 4; i++)
            Assert.True(await AdmitsAsync($"a{i}", limits, tokens: 100));

        var lower = new RateLimits { MaxConcurrent = 3, TokensPerMinute = 350 };
        Assert.False(await AdmitsAsync("b", lower, tokens: 10));
        await Limiter.SettleAsync("a0", 0, default);
        Assert.False(await AdmitsAsync("b", lower, tokens: 10));
        await Limiter.SettleAsync("a1", 100, default);

        Assert.True(await AdmitsAsync("b", lower, tokens: 50));
        Assert.False(await AdmitsAsync("c", lower, tokens: 0));
    }

    [Fact]
    public async Task Acquire_UnderALimitThatIsNew_CountsPlacesAtOnceAndWindowsFromThenOn()
    {
        for (var i = 0; i < 3; i++)
            Assert.True(await AdmitsAsync($"a{i}", new RateLimits { TokensPerMinute = 1_000 }, tokens: 100));

        Assert.False(await AdmitsAsync("b", new RateLimits { MaxConcurrent = 3 }));
        Assert.True(await AdmitsAsync("b", new RateLimits { MaxConcurrent = 4, RequestsPerMinute = 1 }));
        Assert.False(await AdmitsAsync("c", new RateLimits { MaxConcurrent = 9, RequestsPerMinute = 1 }));
    }

    [Fact]
    public async Task Settle_OfARequestWhoseLimitIsGone_CorrectsItsWindowAllTheSame()
    {
        var limits = new RateLimits { TokensPerMinute = 100 };
        Assert.True(await AdmitsAsync("a", limits, tokens: 100));
        Assert.True(await AdmitsAsync("b", new RateLimits { RequestsPerDay = 5 }, tokens: 100));

        await Limiter.SettleAsync("a", 30, default);
        await Limiter.SettleAsync("b", 100, default);

        Assert.Equal(70, (await Limiter.DescribeAsync(limits, default)).TokensPerMinute!.Remaining);
    }

    [Fact]
    public async Task Acquire_UnderOtherLimits_AfterADeactivation_CountsWhatIsUnderWay()
    {
        Assert.True(await AdmitsAsync("a", new RateLimits { RequestsPerMinute = 9, MaxConcurrent = 9 }));
        await Host.DeactivateAllAsync();

        Assert.False(await AdmitsAsync("b", new RateLimits { MaxConcurrent = 1 }));
        Assert.False(await AdmitsAsync("b", new RateLimits { RequestsPerMinute = 1 }));
    }

    [Fact]
    public async Task Acquire_UnderNegativeLimits_NeverPassesAndNeverWill()
    {
        RateLimits[] absurd =
        [
            new() { RequestsPerMinute = -1 }, new() { RequestsPerMinute = int.MinValue, Pacing = Pacing.Smooth },
            new() { TokensPerMinute = long.MinValue }, new() { RequestsPerDay = -5 }, new() { MaxConcurrent = -1 }, new() { MaxTokensPerRequest = -1 },
        ];
        foreach (var limits in absurd)
        {
            var decision = await Limiter.AcquireAsync(new() { OperationId = "a", Limits = limits, Tokens = 1 }, default);
            Assert.Equal((false, null), (decision.Admitted, decision.RetryAfter));
            Assert.NotNull(await Limiter.DescribeAsync(limits, default));
        }
    }

    [Fact]
    public async Task Acquire_UnderTheLargestLimits_Passes()
    {
        var limits = new RateLimits
        {
            RequestsPerMinute = int.MaxValue,
            TokensPerMinute = long.MaxValue,
            RequestsPerDay = int.MaxValue,
            MaxConcurrent = int.MaxValue,
        };
        Assert.True(await AdmitsAsync("a", limits, tokens: RateLimitRequest.MostTokens));
        Assert.True(await AdmitsAsync("b", limits with { Pacing = Pacing.Smooth, Burst = int.MaxValue }));

        var status = await Limiter.DescribeAsync(limits, default);
        Assert.Equal(long.MaxValue - RateLimitRequest.MostTokens, status.TokensPerMinute!.Remaining);
    }

    [Fact]
    public async Task Settle_BeforeItsAcquire_ChangesNothing_AndTheLeaseEndsIt()
    {
        var limits = new RateLimits { MaxConcurrent = 1, TokensPerMinute = 100 };
        await Limiter.SettleAsync("a", 5, default);

        Assert.True(await AdmitsAsync("a", limits, tokens: 60));
        Assert.False(await AdmitsAsync("b", limits));
        Clock.Advance(RateLimitRequest.DefaultLease);

        Assert.True(await AdmitsAsync("b", limits));
    }

    [Fact]
    public async Task CallsAfterTheEnd_ChangeNothing()
    {
        var limits = new RateLimits { MaxConcurrent = 2, TokensPerMinute = 100, RequestsPerMinute = 5 };
        Assert.True(await AdmitsAsync("a", limits, tokens: 60));
        await Limiter.SettleAsync("a", 20, default);
        var settled = await Limiter.DescribeAsync(limits, default);

        await Limiter.SettleAsync("a", 90, default);
        await Limiter.ReleaseAsync("a", default);
        Assert.False(await Limiter.ConfirmAsync("a", default));
        Assert.False(await Limiter.RenewAsync("a", RateLimitRequest.DefaultLease, default));

        Assert.Equal(settled, await Limiter.DescribeAsync(limits, default));
    }

    [Fact]
    public async Task Settle_AfterTheLeaseHasEnded_ChangesNothing()
    {
        var limits = new RateLimits { RequestsPerDay = 9, TokensPerMinute = 100 };
        Assert.True(await AdmitsAsync("a", limits with { TokensPerMinute = null }));
        Clock.Advance(RateLimitRequest.DefaultLease);

        await Limiter.SettleAsync("a", 90, default);

        Assert.Equal(100, (await Limiter.DescribeAsync(limits, default)).TokensPerMinute!.Remaining);
    }

    [Fact]
    public async Task Settle_OfMoreTokensThanCanBe_CountsTheMostThereAre()
    {
        var limits = new RateLimits { TokensPerMinute = 2 * RateLimitRequest.MostTokens };
        Assert.True(await AdmitsAsync("a", limits, tokens: 1));

        await Limiter.SettleAsync("a", long.MaxValue, default);

        Assert.Equal(RateLimitRequest.MostTokens, (await Limiter.DescribeAsync(limits, default)).TokensPerMinute!.Remaining);
        await Assert.ThrowsAsync<RequestException>(() => Limiter.SettleAsync("b", -1, default).AsTask());
    }

    [Fact]
    public async Task Crash_BetweenASettlementAndItsRepeat_FreesNobodyElsesPlace()
    {
        var limits = new RateLimits { MaxConcurrent = 2 };
        Assert.True(await AdmitsAsync("a", limits));
        Assert.True(await AdmitsAsync("b", limits));
        await Limiter.SettleAsync("a", 0, default);
        Assert.True(await AdmitsAsync("c", limits));
        await Host.CrashAsync();

        // Whoever settled could not know that it had been heard.
        await Limiter.SettleAsync("a", 0, default);
        await Limiter.SettleAsync("nobody", 0, default);

        // At least the two that really run keep others out.
        Assert.False(await AdmitsAsync("d", limits));
    }

    private async Task<bool> AdmitsAsync(string id, RateLimits limits, long tokens = 0) =>
        (await Limiter.AcquireAsync(new() { OperationId = id, Limits = limits, Tokens = tokens }, default)).Admitted;
}
