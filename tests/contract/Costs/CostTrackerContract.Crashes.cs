using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>A host that dies: what was booked is kept, and what may have been used is held back or charged.</summary>
public abstract partial class CostTrackerContract<THost>
{
    [Fact]
    public async Task Crash_HoldsTheAllowanceBackOnce_HoweverOftenTheScopeIsIdleAfterwards()
    {
        Assert.True(await ReservesAsync("a", 400));
        await SettleAsync("a", 400);
        await Host.CrashAsync();
        Assert.True((await StatusAsync()).ReservedNanoUsd > 0);
        Clock.Advance(RateLimitRequest.DefaultLease);

        await Host.DeactivateAllAsync();

        Assert.Equal((400, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AfterASettlement_KeepsItsEntryAndKnowsItsRepeat()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(await ReservesAsync($"a{i}", 10));
            await SettleAsync($"a{i}", 5);
        }

        await Host.CrashAsync();
        for (var i = 0; i < 100; i++)
            await SettleAsync($"a{i}", 5);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"a{i}"), (await LedgerAsync()).Select(entry => entry.OperationId));
        Assert.Equal(500, (await SpentAndReservedAsync()).Spent);
    }

    [Fact]
    public async Task Crash_WithARenewedReservation_ChargesItWhenItsLeaseRunsOut()
    {
        Assert.True(await ReservesAsync("a", 400));
        Assert.True(await Tracker.RenewAsync("a", RateLimitRequest.DefaultLease, default));

        await Host.CrashAsync();
        Assert.Equal(0, (await SpentAndReservedAsync()).Spent);
        Clock.Advance(RateLimitRequest.DefaultLease);

        Assert.Equal((400, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AfterManyShortRequests_HoldsBackNoMoreThanAShareOfTheBudget()
    {
        var budget = new Budget(64_000, BudgetWindow.Month);
        for (var i = 0; i < 500; i++)
        {
            Assert.True((await Tracker.ReserveAsync(Ask($"a{i}", 100) with { Budget = budget }, default)).Reserved);
            await SettleAsync($"a{i}", 10);
        }

        await Host.CrashAsync();

        var status = await Tracker.DescribeAsync(budget, default);
        Assert.Equal(5_000, status.SpentNanoUsd);
        Assert.InRange(status.ReservedNanoUsd, 0, 1_000);
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((5_000, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_WithThousandsOfOpenReservations_ChargesEachOnce()
    {
        var budget = new Budget(100_000, BudgetWindow.Month);
        for (var i = 0; i < 9_000; i++)
            Assert.True((await Tracker.ReserveAsync(Ask($"a{i}", 1) with { Budget = budget }, default)).Reserved);

        Assert.True(await Tracker.RenewAsync("a0", RateLimitRequest.DefaultLease, default));
        await SettleAsync("a1", 1);
        await Tracker.ReleaseAsync("a2", default);
        await Host.CrashAsync();
        Assert.Equal(1, (await SpentAndReservedAsync()).Spent);
        Clock.Advance(RateLimitRequest.DefaultLease);

        Assert.Equal((8_999, 0), await SpentAndReservedAsync());
        Assert.Equal(8_999, (await LedgerAsync()).DistinctBy(entry => entry.OperationId).Count());
    }

    [Fact]
    public async Task Crash_AtAnyMoment_NeverOverdrawsAndAlwaysAddsUp()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < THost.CrashRounds; round++)
            await CrashRoundAsync(random, $"key:{round}");
    }

    private async Task CrashRoundAsync(Random random, string scope)
    {
        // A call under way may end after the crash, as an upstream's does: then its cost is booked all the same.
        var budget = new Budget(random.Next(500, 5_000), BudgetWindow.Total);
        var running = new List<(string Id, long Reserved)>();
        for (var step = 0; step < 200; step++)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(random.Next(500)));
            if (random.Next(20) == 0)
                await (random.Next(2) == 0 ? Host.CrashAsync() : Host.DeactivateAllAsync());

            var tracker = Actors.CostTracker(scope);
            var i = random.Next(running.Count + 1);
            switch (random.Next(5))
            {
                case 0 or 1 when i < running.Count:
                    var cost = random.NextInt64(running[i].Reserved + 1);
                    await tracker.SettleAsync(new CostSettlement(running[i].Id, Subject, TokenUsage.Zero, cost), default);
                    running.RemoveAt(i);
                    break;
                case 2 when i < running.Count:
                    await tracker.ReleaseAsync(running[i].Id, default);
                    running.RemoveAt(i);
                    break;
                default:
                    var request = Ask($"{step}", random.Next(300)) with { Budget = budget };
                    if ((await tracker.ReserveAsync(request, default)).Reserved)
                        running.Add((request.OperationId, request.NanoUsd));

                    break;
            }

            var status = await tracker.DescribeAsync(budget, default);
            var owed = running.Sum(one => one.Reserved);
            Assert.True(status.SpentNanoUsd + owed <= budget.LimitNanoUsd, $"{status.SpentNanoUsd} + {owed} of {budget.LimitNanoUsd}");
            var entries = await tracker.ReadLedgerAsync();
            Assert.Equal(status.SpentNanoUsd, entries.Sum(entry => entry.NanoUsd));
            Assert.Equal(entries.Count, entries.Select(entry => entry.OperationId).Distinct().Count());
        }
    }
}
