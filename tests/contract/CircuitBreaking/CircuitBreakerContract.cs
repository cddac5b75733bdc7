using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Contract.Tests.CircuitBreaking;

public abstract class CircuitBreakerContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly BreakerOptions Defaults = new();

    private ICircuitBreakerActor Breaker => Actors.CircuitBreaker("u");

    [Fact]
    public async Task Report_FiveFailuresInARow_Opens()
    {
        await FailAsync(4);
        Assert.Equal(BreakerState.Closed, (await Breaker.DescribeAsync(default)).State);

        var snapshot = await Breaker.ReportAsync(new BreakerOutcome("last", UpstreamFailure.Timeout, Detail: "no answer"), default);

        Assert.Equal((BreakerState.Open, 5), (snapshot.State, snapshot.Failures));
        Assert.Equal(Clock.GetUtcNow() + Defaults.OpenDuration, snapshot.RetryAt);
        Assert.Contains("no answer", snapshot.Cause, StringComparison.Ordinal);
        Assert.False((await Breaker.EnterAsync("x", default)).Allowed);
    }

    [Fact]
    public async Task Report_OfTheSameCall_CountsOnce()
    {
        for (var i = 0; i < 20; i++)
            await Breaker.ReportAsync(new BreakerOutcome("same", UpstreamFailure.Connection), default);

        Assert.Equal(1, (await Breaker.DescribeAsync(default)).Failures);
    }

    [Fact]
    public async Task Enter_OfAHalfOpenBreakerByManyAtOnce_LetsExactlyOneProbePass()
    {
        await FailAsync(5);
        Clock.Advance(Defaults.OpenDuration);

        var permits = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await Breaker.EnterAsync($"p{i}", default))));

        var probe = Assert.Single(permits, permit => permit.Allowed);
        Assert.True(probe.Probe);
    }

    [Fact]
    public async Task Enter_AfterTheProberDied_LetsAnotherPassWhenThePermitHasRunOut()
    {
        await FailAsync(5);
        Clock.Advance(Defaults.OpenDuration);
        Assert.True((await Breaker.EnterAsync("p", default)).Probe);

        Clock.Advance(Defaults.ProbeLease - TimeSpan.FromTicks(1));
        Assert.False((await Breaker.EnterAsync("q", default)).Allowed);
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.True((await Breaker.EnterAsync("q", default)).Probe);
    }

    [Fact]
    public async Task Crash_DuringTheProbe_GrantsNoSecondOne()
    {
        await FailAsync(5);
        Clock.Advance(Defaults.OpenDuration);
        Assert.True((await Breaker.EnterAsync("p", default)).Probe);

        await Host.CrashAsync();

        Assert.False((await Breaker.EnterAsync("q", default)).Allowed);
        Assert.Equal(BreakerState.Closed, (await Breaker.ReportAsync(new BreakerOutcome("p", null), default)).State);
    }

    [Fact]
    public async Task Crash_OfAnOpenBreaker_LeavesItOpen()
    {
        await FailAsync(5);
        var before = await Breaker.DescribeAsync(default);

        await Host.CrashAsync();

        Assert.Equal(before, await Breaker.DescribeAsync(default));
    }

    [Fact]
    public async Task Watch_TellsTheStateNow_AndEveryChangeAfterIt()
    {
        using var stop = new CancellationTokenSource();
        await using var watch = Breaker.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(BreakerState.Closed, watch.Current.State);

        var next = watch.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await Breaker.TripAsync("ann", default);
        Assert.True(await next);
        Assert.Equal((BreakerState.Open, "ann"), (watch.Current.State, watch.Current.By));

        await Breaker.ResetAsync("ann", default);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(BreakerState.Closed, watch.Current.State);
    }

    [Fact]
    public async Task Watch_OfASlowReader_SkipsToTheNewest()
    {
        using var stop = new CancellationTokenSource();
        await using var watch = Breaker.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await watch.MoveNextAsync());

        await FailAsync(5);

        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(5, watch.Current.Failures);
    }

    [Fact]
    public async Task Trip_HoldsOverTimeAndCrash_UntilReset()
    {
        await Breaker.TripAsync("ann", default);
        Clock.Advance(TimeSpan.FromDays(30));
        await Host.CrashAsync();
        Assert.False((await Breaker.EnterAsync("a", default)).Allowed);

        await Breaker.ResetAsync("ann", default);
        Assert.True((await Breaker.EnterAsync("a", default)).Allowed);
    }

    [Fact]
    public async Task History_TellsEveryChangeWithItsTimeAndCause_AndSurvivesACrash()
    {
        var opened = Clock.GetUtcNow();
        await FailAsync(5);
        Clock.Advance(Defaults.OpenDuration);
        await Breaker.EnterAsync("p", default);
        await Breaker.ReportAsync(new BreakerOutcome("p", null), default);
        await Breaker.TripAsync("ann", default);

        await Host.CrashAsync();

        var history = (await Breaker.HistoryAsync(default)).Transitions;
        Assert.Equal(
            [BreakerState.Open, BreakerState.HalfOpen, BreakerState.Closed, BreakerState.Open], history.Select(transition => transition.State));
        Assert.Equal((opened, opened + Defaults.OpenDuration), (history[0].At, history[0].RetryAt));
        Assert.Contains("ServerError", history[0].Cause, StringComparison.Ordinal);
        Assert.Equal((opened + Defaults.OpenDuration, "ann"), (history[3].At, history[3].By));
        Assert.Equal("ann", (await Breaker.DescribeAsync(default)).By);
    }

    private async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
            await Breaker.ReportAsync(new BreakerOutcome($"f{i}", UpstreamFailure.ServerError), default);
    }
}
