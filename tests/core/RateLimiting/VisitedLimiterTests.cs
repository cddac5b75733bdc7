using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.RateLimiting;

/// <summary>What a limiter tells those who ask several scopes within one visit.</summary>
public sealed class VisitedLimiterTests
{
    private readonly FakeClock _clock = new();
    private readonly RateLimiterActor _actor;

    public VisitedLimiterTests()
    {
        var context = new InMemoryActorContext(new InMemoryStore(), "rate-limiter", "key:k", null!);
        _actor = new RateLimiterActor(context, context.MainState<RateLimiterState>(), _clock);
    }

    private IVisitedLimiter Visited => _actor;

    [Fact]
    public async Task Take_CountsAsAnAdmissionDoes_UntilItIsSettled()
    {
        var limits = new RateLimits { RequestsPerMinute = 160, TokensPerMinute = 1_000, MaxConcurrent = 160 };
        await AcquireAsync("before", limits);

        var request = new RateLimitRequest { OperationId = "a", Limits = limits, Tokens = 40, Describe = true };
        Assert.True(Visited.MayTake(request, isNew: false));
        var status = Visited.Take(request)!;

        Assert.Equal((158, 960, 2), (status.RequestsPerMinute!.Remaining, status.TokensPerMinute!.Remaining, status.Concurrent!.InUse));
        await _actor.SettleAsync("a", 10, default);
        status = await _actor.DescribeAsync(limits, default);
        Assert.Equal((158, 990, 1), (status.RequestsPerMinute!.Remaining, status.TokensPerMinute!.Remaining, status.Concurrent!.InUse));
    }

    [Fact]
    public async Task MayTake_ChangesNothing()
    {
        var limits = new RateLimits { RequestsPerMinute = 160 };
        await AcquireAsync("before", limits);

        Assert.True(Visited.MayTake(Request("a", limits), isNew: false));

        Assert.Equal(159, (await _actor.DescribeAsync(limits, default)).RequestsPerMinute!.Remaining);
    }

    [Fact]
    public void MayTake_BeyondTheRecord_IsNo_SinceTheAdmissionWouldHaveToWaitForIt() =>
        Assert.False(Visited.MayTake(Request("a", new RateLimits { RequestsPerMinute = 160 }), isNew: false));

    [Fact]
    public async Task MayTake_OfWhatDoesNotFit_OrIsKnown_IsNo()
    {
        var limits = new RateLimits { RequestsPerMinute = 1 };
        await AcquireAsync("a", limits);

        Assert.False(Visited.MayTake(Request("b", limits), isNew: false));
        Assert.False(Visited.MayTake(Request("a", limits with { RequestsPerMinute = 100 }), isNew: false));
    }

    [Fact]
    public async Task MayTake_WhileSomebodyWaits_IsNo_SinceNobodyIsPassed()
    {
        var limits = new RateLimits { RequestsPerMinute = 160, MaxConcurrent = 1 };
        await AcquireAsync("a", limits, tentative: true);
        var waits = _actor.AcquireAsync(Request("b", limits), default).AsTask();

        // It would fit: its limits are wider than those of the one who waits.
        Assert.False(Visited.MayTake(Request("c", limits with { MaxConcurrent = 100 }), isNew: false));

        await _actor.ReleaseAsync("a", default);
        Assert.True((await waits).Admitted);
    }

    private static RateLimitRequest Request(string id, RateLimits limits) => new() { OperationId = id, Limits = limits };

    private async Task AcquireAsync(string id, RateLimits limits, bool tentative = false) =>
        Assert.True((await _actor.AcquireAsync(Request(id, limits) with { Tentative = tentative }, default)).Admitted);
}
