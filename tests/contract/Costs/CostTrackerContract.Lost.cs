using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>Calls whose caller died: nobody settles them, and a crash may have lost their reservation.</summary>
public abstract partial class CostTrackerContract<THost>
{
    [Fact]
    public async Task ChargeLost_WhenACrashLostTheReservation_ChargesTheEstimateOnceAndHoldsItNoLonger()
    {
        Assert.True(await ReservesAsync("a", 900));
        await Host.CrashAsync();

        await ChargeLostAsync("a", 900);
        await ChargeLostAsync("a", 900);

        var entry = Assert.Single(await LedgerAsync());
        Assert.Equal(("a", 900, true, true), (entry.OperationId, entry.NanoUsd, entry.LeaseExpired, entry.Usage.Estimated));

        // What the crashed activation might have promised beside it is held back a while longer.
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal((900, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task ChargeLost_WhenTheReservationStands_EndsItWithTheCharge()
    {
        Assert.True(await ReservesAsync("a", 400));

        await ChargeLostAsync("a", 900);
        Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(400, Assert.Single(await LedgerAsync()).NanoUsd);
        Assert.Equal((400, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task ChargeLost_OfACallThatLivesAfterAll_IsCorrectedByItsSettlement()
    {
        Assert.True(await ReservesAsync("a", 900));
        await Host.CrashAsync();
        await ChargeLostAsync("a", 900);
        await SettleAsync("a", 300);

        await Host.CrashAsync();
        await ChargeLostAsync("a", 900);

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([900, -600], (await LedgerAsync()).Select(entry => entry.NanoUsd));
        Assert.Equal((300, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task ChargeLost_OfACallThatIsSettledOrTakenBack_ChangesNothing()
    {
        Assert.True(await ReservesAsync("settled", 400));
        Assert.True(await ReservesAsync("unused", 400));
        await SettleAsync("settled", 300);
        await Tracker.ReleaseAsync("unused", default);

        await ChargeLostAsync("settled", 400);
        await ChargeLostAsync("unused", 400);

        Assert.Equal((300, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task ChargeLost_LongAfterTheSettlement_FindsItInTheLedger()
    {
        var began = Clock.GetUtcNow();
        await SettleAsync("a", 300);
        Clock.Advance(TimeSpan.FromHours(2));
        await SettleAsync("b", 1);
        Clock.Advance(TimeSpan.FromHours(2));
        await Host.CrashAsync();

        await ChargeLostAsync("a", 400, began);
        await ChargeLostAsync("never settled", 100, began);

        Assert.Equal((401, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Settle_OfACallThatAnEarlierCrashLost_LeavesWhatIsHeldBackForThoseOfALaterOne()
    {
        Assert.True(await ReservesAsync("old", 300));
        await Host.CrashAsync();
        Assert.True((await StatusAsync()).ReservedNanoUsd >= 300);

        // Its lease is over, and the record of the next reservations does not know of it.
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.True(await ReservesAsync("held", 1));
        Assert.True(await Tracker.RenewAsync("held", RateLimitRequest.DefaultLease, default));
        Assert.True(await ReservesAsync("new", 400));
        await Host.CrashAsync();

        await Tracker.SettleAsync(new CostSettlement("old", Subject, new TokenUsage(1, 1), 200) { ReservedNanoUsd = 300, Age = RateLimitRequest.DefaultLease }, default);

        var status = await StatusAsync();
        Assert.Equal(200, status.SpentNanoUsd);
        Assert.True(status.ReservedNanoUsd >= 401, $"{status.ReservedNanoUsd} are held back.");
    }

    private async Task ChargeLostAsync(string id, long nanoUsd, DateTimeOffset? since = null) =>
        await Tracker.SettleAsync(
            new CostSettlement(id, Subject, new TokenUsage(10, 10, Estimated: true), nanoUsd) { ReservedNanoUsd = nanoUsd, LostSince = since ?? Clock.GetUtcNow() },
            default);
}
