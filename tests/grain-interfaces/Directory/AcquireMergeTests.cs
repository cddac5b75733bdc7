using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Testing;

namespace OrleansChat.GrainInterfaces.Tests.Directory;

public sealed class AcquireMergeTests
{
    private readonly AcquireMerge _merge = new(new CallRepetition(new FakeClock(), new ConnectionLoss()));

    [Fact]
    public async Task AcquiresDuringACall_GoTogetherInTheNext_AndEachIsAnsweredForItself()
    {
        var grain = new GatedLimiter(limit: 7);
        var first = AcquireAsync(grain, "first");
        var others = Enumerable.Range(0, 10).Select(number => AcquireAsync(grain, $"{number}")).ToList();
        Assert.Equal([1], grain.Calls);

        grain.Open(2);
        Assert.True((await first).Admitted);
        var decisions = await Task.WhenAll(others);

        Assert.Equal([1, 10], grain.Calls);
        Assert.Equal(6, decisions.Count(decision => decision.Admitted));
        Assert.Equal([true, true, true, true, true, true, false, false, false, false], decisions.Select(decision => decision.Admitted));
    }

    [Fact]
    public async Task Acquires_FromManyThreads_AreAdmittedExactlyToTheLimit()
    {
        var grain = new GatedLimiter(limit: 1_234);
        grain.Open(10_000);
        var decisions = await Task.WhenAll(Enumerable.Range(0, 5_000).Select(number => Task.Run(() => AcquireAsync(grain, $"{number}"))));

        Assert.Equal(1_234, decisions.Count(decision => decision.Admitted));
        Assert.Equal(5_000, grain.Calls.Sum());
        Assert.All(grain.Calls, requests => Assert.InRange(requests, 1, 1_024));
    }

    [Fact]
    public async Task AnAcquireWhoseCallerHasGone_IsNotAskedFor()
    {
        var grain = new GatedLimiter(limit: 7);
        var first = AcquireAsync(grain, "first");
        using var leaving = new CancellationTokenSource();
        var abandoned = AcquireAsync(grain, "abandoned", leaving.Token);
        var other = AcquireAsync(grain, "other");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);

        grain.Open(2);
        await first;
        await other;

        Assert.Equal([1, 1], grain.Calls);
    }

    [Fact]
    public async Task AnAcquireThatIsUnderWay_WhoseCallerGoes_IsHeardToItsEnd()
    {
        var grain = new GatedLimiter(limit: 7);
        var first = AcquireAsync(grain, "first");
        using var leaving = new CancellationTokenSource();
        var second = AcquireAsync(grain, "second", leaving.Token);
        grain.Open();
        await first;
        await TestWait.UntilAsync(() => grain.Calls.Count == 2);

        await leaving.CancelAsync();
        Assert.False(second.IsCompleted);
        grain.Open();

        Assert.True((await second).Admitted);
    }

    [Fact]
    public async Task WhatABatchLeavesOpen_IsAskedForAlone()
    {
        var grain = new GatedLimiter(limit: 7);
        grain.Undecided.Add("open");
        var first = AcquireAsync(grain, "first");
        var open = AcquireAsync(grain, "open");
        var other = AcquireAsync(grain, "other");
        grain.Open(3);

        Assert.True((await first).Admitted && (await open).Admitted && (await other).Admitted);
        Assert.Equal([1, 2, 1], grain.Calls);
    }

    [Fact]
    public async Task AFaultOfABatch_IsToldToEachOfIt_AndTheNextCallGoesOut()
    {
        var grain = new GatedLimiter(limit: 7);
        var first = AcquireAsync(grain, "first");
        var others = Enumerable.Range(0, 3).Select(number => AcquireAsync(grain, $"{number}")).ToList();
        grain.Open();
        await first;
        grain.Fault = new StorageException("The store is gone.", new IOException("cable"));
        grain.Open();
        foreach (var other in others)
            await Assert.ThrowsAsync<StorageException>(() => other);

        grain.Fault = null;
        grain.Open();
        Assert.True((await AcquireAsync(grain, "later")).Admitted);
    }

    private Task<RateLimitDecision> AcquireAsync(GatedLimiter grain, string operation, CancellationToken cancellationToken = default) =>
        _merge.AcquireAsync(grain, new RateLimitRequest { OperationId = operation, Limits = RateLimits.None }, cancellationToken).AsTask();
}
