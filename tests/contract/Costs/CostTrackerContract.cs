using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
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

    private static CostReservationRequest Ask(string id, long nanoUsd) =>
        new() { OperationId = id, Budget = Monthly, NanoUsd = nanoUsd, Subject = Subject };

    private async Task<bool> ReservesAsync(string id, long nanoUsd) => (await Tracker.ReserveAsync(Ask(id, nanoUsd), default)).Reserved;

    private async Task SettleAsync(string id, long nanoUsd) =>
        await Tracker.SettleAsync(new CostSettlement(id, Subject, TokenUsage.Zero, nanoUsd), default);

    private ValueTask<BudgetStatus> StatusAsync() => Tracker.DescribeAsync(Monthly, default);

    private async Task<(long Spent, long Reserved)> SpentAndReservedAsync()
    {
        var status = await StatusAsync();
        return (status.SpentNanoUsd, status.ReservedNanoUsd);
    }

    private async Task<List<LedgerEntry>> LedgerAsync(DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        await Tracker.ReadLedgerAsync(from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue, default).ToListAsync();
}
