using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;
using OrleansChat.Grains.RateLimiting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Grains.Tests.RateLimiting;

public sealed class BatchAcquireTests
{
    private readonly ActorScheduler _scheduler = new();
    private readonly InMemoryStore _store = new();
    private readonly RateLimiterActor _actor;
    private readonly BatchAcquire _batches;

    public BatchAcquireTests()
    {
        var context = new InMemoryActorContext(_store, "rate-limiter", "key:a", null!);
        _actor = new RateLimiterActor(context, context.MainState<RateLimiterState>(), new FakeClock());
        _batches = new BatchAcquire(_actor);
    }

    [Fact]
    public async Task Decide_GivesEachWhatItWouldHaveBeenGivenAlone_InItsPlace()
    {
        var limits = new RateLimits { RequestsPerDay = 3 };
        var decided = await DecideAsync([.. Enumerable.Range(0, 5).Select(number => Ask($"{number}", limits))]);

        Assert.Equal([true, true, true, false, false], decided.Select(decision => decision?.Admitted));
        Assert.Equal("requestsPerDay", decided[3]!.Limit);
    }

    [Fact]
    public async Task Decide_OfOneOperationTwice_CountsOnce()
    {
        var limits = new RateLimits { RequestsPerDay = 2 };
        var decided = await DecideAsync(Ask("a", limits), Ask("a", limits), Ask("b", limits), Ask("c", limits));

        Assert.Equal([true, true, true, false], decided.Select(decision => decision?.Admitted));
    }

    [Fact]
    public async Task Decide_WhereOneIsTheCallersMistake_LeavesOnlyThatOneOpen()
    {
        var limits = new RateLimits { RequestsPerDay = 9 };
        var decided = await DecideAsync(Ask("a", limits), Ask("b", limits) with { Tokens = -1 }, Ask("c", limits));

        Assert.Equal([true, null, true], decided.Select(decision => decision?.Admitted));
        await Assert.ThrowsAsync<RequestException>(async () => await _scheduler.RunAsync(() => _actor.AcquireAsync(Ask("b", limits) with { Tokens = -1 }, default)));
    }

    [Fact]
    public async Task Decide_WhereATentativeAdmissionMustBeAwaited_AnswersTheOthersAndTakesNothingForIt()
    {
        var limits = new RateLimits { RequestsPerDay = 1 };
        var decided = await DecideAsync(Ask("a", limits) with { Tentative = true }, Ask("b", limits));
        Assert.Equal([true, null], decided.Select(decision => decision?.Admitted));

        await _scheduler.RunAsync(() => _actor.ReleaseAsync("a", default));
        Assert.Equal(1, (await _scheduler.RunAsync(() => _actor.DescribeAsync(limits, default))).RequestsPerDay!.Remaining);
    }

    private static RateLimitRequest Ask(string id, RateLimits limits) => new() { OperationId = id, Limits = limits };

    private async Task<IReadOnlyList<RateLimitDecision?>> DecideAsync(params IReadOnlyList<RateLimitRequest> requests) =>
        (await _scheduler.RunAsync(() => _batches.DecideAsync(new AcquireBatch(requests), default))).Decisions;
}
