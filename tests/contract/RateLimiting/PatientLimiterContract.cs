using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Contract.Tests.RateLimiting;

/// <summary>Waiting for a limit instead of being refused.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class PatientLimiterContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly RateLimits OneAtATime = new() { MaxConcurrent = 1 };

    private WaitingCalls Waits => field ??= new WaitingCalls(Clock, Actors);

    private IRateLimiterActor Limiter => Waits.Actors.RateLimiter("key:k");

    [Fact]
    public async Task Wait_WithRoom_IsLetInTentatively()
    {
        Assert.True((await WaitAsync("a", OneAtATime, TimeSpan.FromSeconds(30))).Admitted);
        Assert.Equal(1, await InUseAsync());

        await Waits.PassAsync(RateLimitRequest.TentativeLease);

        Assert.Equal(0, await InUseAsync());
    }

    [Fact]
    public async Task Wait_ForAWindow_IsLetInWhenItHasSlid()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        Assert.True((await AcquireAsync("a", limits)).Admitted);
        var slides = Clock.GetUtcNow() + TimeSpan.FromMinutes(1);

        var waiting = WaitAsync("b", limits, TimeSpan.FromMinutes(2));
        await Waits.UntilAsync(waiting);

        Assert.True((await waiting).Admitted);
        Assert.InRange(Clock.GetUtcNow(), slides, slides + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Wait_OfSeveral_LetsThemInAsTheyCame()
    {
        var limits = new RateLimits { TokensPerMinute = 10 };
        Assert.True((await AcquireAsync("a", limits, tokens: 10)).Admitted);
        var first = WaitAsync("first", limits, TimeSpan.FromMinutes(5), tokens: 5);
        await Waits.InLineAsync("key:k");
        var second = WaitAsync("second", limits, TimeSpan.FromMinutes(5), tokens: 6);

        // Either would fit now, both do not.
        await Limiter.SettleAsync("a", 0, default);
        await Waits.UntilAsync(first);
        Assert.True((await first).Admitted);
        Assert.False(second.IsCompleted);
        Assert.True(await Limiter.ConfirmAsync("first", default));
        var confirmed = Clock.GetUtcNow();
        await Waits.UntilAsync(second);

        Assert.True((await second).Admitted);
        Assert.InRange(Clock.GetUtcNow() - confirmed, TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(65));
    }

    [Fact]
    public async Task Acquire_WhileOthersWait_DoesNotPassThem()
    {
        var limits = new RateLimits { TokensPerMinute = 10 };
        Assert.True((await AcquireAsync("a", limits, tokens: 8)).Admitted);
        var waiting = WaitAsync("b", limits, TimeSpan.FromMinutes(5), tokens: 5);
        await Waits.InLineAsync("key:k");

        var refusal = await AcquireAsync("c", limits, tokens: 1);

        Assert.Equal((false, "tokensPerMinute"), (refusal.Admitted, refusal.Limit));
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromMinutes(1));
        await Limiter.SettleAsync("a", 0, default);
        await Waits.UntilAsync(waiting);
        Assert.True((await AcquireAsync("c", limits, tokens: 1)).Admitted);
    }

    [Fact]
    public async Task Acquire_UnderRaisedLimits_LetsThoseInWhoWait_AndPassesWithThem()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        Assert.True((await AcquireAsync("a", limits)).Admitted);
        var waiting = WaitAsync("b", limits, TimeSpan.FromMinutes(2));
        await Waits.InLineAsync("key:k");
        var began = Clock.GetUtcNow();

        Assert.True((await AcquireAsync("c", limits with { RequestsPerMinute = 3 })).Admitted);

        await Waits.UntilAsync(waiting);
        Assert.True((await waiting).Admitted);
        Assert.InRange(Clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Wait_UntilItsPatienceIsOver_IsRefusedAndHoldsNothing()
    {
        Assert.True((await AcquireAsync("a", OneAtATime)).Admitted);
        var began = Clock.GetUtcNow();

        var waiting = WaitAsync("b", OneAtATime, TimeSpan.FromSeconds(7));
        await Waits.UntilAsync(waiting);

        Assert.Equal((false, "maxConcurrent"), ((await waiting).Admitted, (await waiting).Limit));
        Assert.InRange(Clock.GetUtcNow() - began, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9));
        Assert.InRange((await waiting).RetryAfter!.Value, TimeSpan.FromSeconds(100), RateLimitRequest.DefaultLease);
        await Limiter.SettleAsync("a", 0, default);
        Assert.Equal(0, await InUseAsync());
    }

    [Fact]
    public async Task Wait_WhoseCallerLeaves_GivesHisPlaceToTheNext()
    {
        Assert.True((await AcquireAsync("a", OneAtATime)).Admitted);
        using var leaving = new CancellationTokenSource();
        var first = WaitAsync("first", OneAtATime, TimeSpan.FromMinutes(1), cancellationToken: leaving.Token);
        await Waits.InLineAsync("key:k");
        var second = WaitAsync("second", OneAtATime, TimeSpan.FromMinutes(1));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        await Limiter.ReleaseAsync("first", default);
        await Limiter.SettleAsync("a", 0, default);
        await Waits.UntilAsync(second);

        Assert.True((await second).Admitted);
        Assert.Equal(1, await InUseAsync());
    }

    [Fact]
    public async Task Wait_WhoseCallerIsNotHeardOfAnyMore_LosesHisPlace()
    {
        Assert.True((await AcquireAsync("a", OneAtATime)).Admitted);
        var once = Limiter.WaitAsync(Ask("dead", OneAtATime), TimeSpan.FromMinutes(5), default).AsTask();
        await Waits.UntilAsync(once);
        Assert.True((await once).Waiting);
        Waits.End("dead");
        await Waits.PassAsync(RateLimitRequest.TentativeLease + TimeSpan.FromSeconds(1));
        await Limiter.SettleAsync("a", 0, default);

        Assert.True((await AcquireAsync("b", OneAtATime)).Admitted);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10_005)]
    public async Task Wait_ThatEndsBetweenTwoMilliseconds_IsRefusedThen(long ticks)
    {
        Assert.True((await AcquireAsync("a", OneAtATime)).Admitted);
        var waiting = WaitAsync("b", OneAtATime, TimeSpan.FromTicks(ticks));

        await Waits.UntilAsync(waiting);

        Assert.Equal((false, "maxConcurrent"), ((await waiting).Admitted, (await waiting).Limit));
        Assert.Equal(1, await InUseAsync());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3_601)]
    public async Task Wait_OfAnAbsurdLength_IsTheCallersMistake(int seconds)
    {
        await Assert.ThrowsAsync<RequestException>(
            () => Limiter.WaitAsync(Ask("a", OneAtATime), TimeSpan.FromSeconds(seconds), default).AsTask());
    }

    private static RateLimitRequest Ask(string id, RateLimits limits, long tokens = 0) =>
        new() { OperationId = id, Limits = limits, Tokens = tokens };

    private Task<RateLimitDecision> AcquireAsync(string id, RateLimits limits, long tokens = 0) =>
        Limiter.AcquireAsync(Ask(id, limits, tokens), default).AsTask();

    private async Task<RateLimitDecision> WaitAsync(
        string id, RateLimits limits, TimeSpan patience, long tokens = 0, CancellationToken cancellationToken = default)
    {
        RateLimitDecision decision;
        do
            decision = await Limiter.WaitAsync(Ask(id, limits, tokens), patience, cancellationToken);
        while (decision.Waiting);

        Waits.End(id);
        return decision;
    }

    private async Task<long> InUseAsync() => (await Limiter.DescribeAsync(OneAtATime, default)).Concurrent!.InUse;
}
