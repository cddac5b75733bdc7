using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Costs;

public abstract partial class CostTrackerContract<THost>(ITestOutputHelper output) : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");
    private static readonly Budget Monthly = new(1_000, BudgetWindow.Month);

    private ICostTrackerActor Tracker => Actors.CostTracker("key:k");

    [Fact]
    public async Task Reserve_FromManyCallersAtOnce_NeverPassesTheBudget()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => ReservesAsync($"a{i}", 7))));

        Assert.Equal(1_000 / 7, decisions.Count(reserved => reserved));
    }

    [Fact]
    public async Task Reserve_BeyondTheBudget_IsRefusedWithTheWindowsEnd()
    {
        await SettleAsync("a", 600);

        var decision = await Tracker.ReserveAsync(Ask("b", 401), default);

        Assert.False(decision.Reserved);
        Assert.Equal(
            (1_000, 600, 0, 400, new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero)),
            (decision.Refusal!.LimitNanoUsd, decision.Refusal.SpentNanoUsd, decision.Refusal.ReservedNanoUsd,
                decision.Refusal.RemainingNanoUsd, decision.Refusal.WindowEnd!.Value));
        Assert.Equal(0, (await StatusAsync()).ReservedNanoUsd);
    }

    [Fact]
    public async Task Reserve_OfNothing_PassesAnEmptyBudget()
    {
        await SettleAsync("a", 1_000);

        Assert.True(await ReservesAsync("b", 0));
        Assert.False(await ReservesAsync("c", 1));
    }

    [Fact]
    public async Task Settle_MakesOneEntry_AndARepeatMakesNone()
    {
        Assert.True(await ReservesAsync("a", 900));
        var usage = new TokenUsage(11, 7, Estimated: true) { CachedInputTokens = 3, ReasoningTokens = 2 };
        var settlement = new CostSettlement("a", Subject, usage, 300);
        await Tracker.SettleAsync(settlement, default);
        await Tracker.SettleAsync(settlement, default);
        await Tracker.ReleaseAsync("a", default);

        Assert.Equal([new LedgerEntry("a", Clock.GetUtcNow(), Subject, usage, 300)], await LedgerAsync());
        Assert.Equal((300, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Settle_BeforeItsReservation_BooksOnceAndHoldsNothing()
    {
        await SettleAsync("a", 300);
        Assert.True(await ReservesAsync("a", 900));

        Assert.Equal((300, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Release_FreesTheReservation()
    {
        Assert.True(await ReservesAsync("a", 1_000));
        await Tracker.ReleaseAsync("a", default);
        await Tracker.ReleaseAsync("a", default);

        Assert.True(await ReservesAsync("b", 1_000));
    }

    [Fact]
    public async Task Lease_ThatRunsOut_IsChargedAtTheEstimate_AndALateSettlementCorrectsIt()
    {
        Assert.True(await ReservesAsync("a", 400));
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((400, 0), await SpentAndReservedAsync());
        Assert.False(await Tracker.RenewAsync("a", RateLimitRequest.DefaultLease, default));

        await SettleAsync("a", 150);

        Assert.Equal((150, 0), await SpentAndReservedAsync());
        Assert.Equal([400, -250], (await LedgerAsync()).Select(entry => entry.NanoUsd));
    }

    [Fact]
    public async Task Lease_ThatRunsOut_IsCorrectedByALateSettlement_ThoughTheActivationIsAnother()
    {
        Assert.True(await ReservesAsync("a", 400));
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((400, 0), await SpentAndReservedAsync());
        Clock.Advance(TimeSpan.FromHours(20));
        await Host.DeactivateAllAsync();

        await SettleAsync("a", 150);
        await SettleAsync("a", 150);

        Assert.Equal((150, 0), await SpentAndReservedAsync());
    }

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
    public async Task Lease_ThatIsRenewed_IsNotCharged()
    {
        Assert.True(await ReservesAsync("a", 400));
        for (var i = 0; i < 5; i++)
        {
            Clock.Advance(RateLimitRequest.DefaultLease - TimeSpan.FromTicks(1));
            Assert.True(await Tracker.RenewAsync("a", RateLimitRequest.DefaultLease, default));
        }

        Assert.Equal((0, 400), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Reserve_KeptOutByATentativeReservation_WaitsForItsOutcome()
    {
        Assert.True((await Tracker.ReserveAsync(Ask("a", 1_000) with { Tentative = true }, default)).Reserved);
        var passes = ReservesAsync("b", 600);
        await Tracker.ReleaseAsync("a", default);
        Assert.True(await passes);

        Assert.True((await Tracker.ReserveAsync(Ask("c", 400) with { Tentative = true }, default)).Reserved);
        var refused = ReservesAsync("d", 400);
        Assert.True(await Tracker.ConfirmAsync("c", default));
        Assert.False(await refused);
    }

    [Fact]
    public async Task Tentative_ReservationOfACallerWhoDied_VanishesUncharged()
    {
        Assert.True((await Tracker.ReserveAsync(Ask("a", 1_000) with { Tentative = true }, default)).Reserved);
        Clock.Advance(RateLimitRequest.TentativeLease);

        Assert.Equal((0, 0), await SpentAndReservedAsync());
        Assert.False(await Tracker.ConfirmAsync("a", default));
        Assert.Empty(await LedgerAsync());
    }

    [Fact]
    public async Task Window_ThatEnds_RollsOverWithoutLosingTheLedger()
    {
        await SettleAsync("a", 1_000);
        Assert.False(await ReservesAsync("b", 1));

        Clock.Advance(new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero) - Clock.GetUtcNow() - TimeSpan.FromTicks(1));
        Assert.False(await ReservesAsync("b", 1));

        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(await ReservesAsync("b", 1_000));
        Assert.Single(await LedgerAsync());
        Assert.Equal(1_000, (await Tracker.DescribeAsync(Monthly with { Window = BudgetWindow.Total }, default)).SpentNanoUsd);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task Amounts_ThatCannotBe_AreTheCallersMistakeAndChangeNothing(long nanoUsd)
    {
        await Assert.ThrowsAsync<RequestException>(() => ReservesAsync("a", nanoUsd));
        await Assert.ThrowsAsync<RequestException>(() => SettleAsync("a", nanoUsd));
        await Assert.ThrowsAsync<RequestException>(
            async () => await Tracker.SettleAsync(new CostSettlement("a", Subject, new TokenUsage(-1, 0), 1), default));

        Assert.Equal((0, 0), await SpentAndReservedAsync());
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

    [Fact]
    public async Task Deactivation_InOrder_HoldsNothingBack()
    {
        Assert.True(await ReservesAsync("a", 300));
        await SettleAsync("b", 100);

        await Host.DeactivateAllAsync();

        Assert.Equal((100, 300), await SpentAndReservedAsync());
        Assert.True(await ReservesAsync("c", 600));
        Assert.False(await ReservesAsync("d", 1));
    }

    [Fact]
    public async Task Ledger_IsReadByTime()
    {
        for (var i = 0; i < 100; i++)
        {
            await SettleAsync($"a{i}", 1);
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var from = Clock.GetUtcNow() - TimeSpan.FromMinutes(60);
        var entries = await LedgerAsync(from, from.AddMinutes(10));

        Assert.Equal(Enumerable.Range(40, 10).Select(i => $"a{i}"), entries.Select(entry => entry.OperationId));
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
            var entries = await ReadAsync(tracker, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
            Assert.Equal(status.SpentNanoUsd, entries.Sum(entry => entry.NanoUsd));
            Assert.Equal(entries.Count, entries.Select(entry => entry.OperationId).Distinct().Count());
        }
    }

    private static CostReservationRequest Ask(string id, long nanoUsd) =>
        new() { OperationId = id, Budget = Monthly, NanoUsd = nanoUsd, Subject = Subject };

    private static async Task<List<LedgerEntry>> ReadAsync(ICostTrackerActor tracker, DateTimeOffset from, DateTimeOffset to)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in tracker.ReadLedgerAsync(from, to, default))
            entries.Add(entry);

        return entries;
    }

    private async Task<bool> ReservesAsync(string id, long nanoUsd) => (await Tracker.ReserveAsync(Ask(id, nanoUsd), default)).Reserved;

    private async Task SettleAsync(string id, long nanoUsd) =>
        await Tracker.SettleAsync(new CostSettlement(id, Subject, TokenUsage.Zero, nanoUsd), default);

    private ValueTask<BudgetStatus> StatusAsync() => Tracker.DescribeAsync(Monthly, default);

    private async Task<(long Spent, long Reserved)> SpentAndReservedAsync()
    {
        var status = await StatusAsync();
        return (status.SpentNanoUsd, status.ReservedNanoUsd);
    }

    private Task<List<LedgerEntry>> LedgerAsync(DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        ReadAsync(Tracker, from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue);
}
