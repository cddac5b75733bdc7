using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>Reservations that are taken back and made again under the same operation, as by an admission that asks its scopes anew, and then a crash.</summary>
public abstract partial class CostTrackerContract<THost>
{
    [Fact]
    public async Task Crash_AfterAReservationWasTakenBackAndMadeAgain_HoldsItAndChargesIt()
    {
        await RecordAsync("a", 400);
        await Tracker.ReleaseAsync("a", default);
        await RecordAsync("a", 400);
        await Host.CrashAsync();

        Assert.True((await StatusAsync()).ReservedNanoUsd >= 400);
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((400, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AfterAReservationWasTakenBackAndMadeAgainARecordLater_ChargesIt()
    {
        // So little that the budget's allowance covers it, and the ledger is not written in between.
        await RecordAsync("a", 5);
        await Tracker.ReleaseAsync("a", default);
        await RecordAsync("b", 1);
        await RecordAsync("a", 5);
        await Host.CrashAsync();

        Assert.True((await StatusAsync()).ReservedNanoUsd >= 6);
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((6, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AfterAReservationThatWasTakenBackBeforeAnOrderlyEndWasMadeAgain_HoldsItAndChargesIt()
    {
        await RecordAsync("a", 5);
        await Tracker.ReleaseAsync("a", default);
        await Host.DeactivateAllAsync();
        await RecordAsync("a", 5);
        await Host.CrashAsync();

        Assert.True((await StatusAsync()).ReservedNanoUsd >= 5);
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((5, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AfterAReservationWasTakenBackTwice_ChargesNothing()
    {
        await RecordAsync("a", 400);
        await Tracker.ReleaseAsync("a", default);
        Assert.True((await Tracker.ReserveAsync(Ask("a", 400) with { Tentative = true }, default)).Reserved);
        await Tracker.ReleaseAsync("a", default);
        await SettleAsync("b", 1);
        await Host.CrashAsync();

        await StatusAsync();
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.Equal((1, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_BeforeAReservationThatWasMadeAgainIsOnRecord_HoldsItForItsOwnLease()
    {
        var earlier = TimeSpan.FromSeconds(20);
        await RecordAsync("a", 400);
        Clock.Advance(earlier);
        await Tracker.ReleaseAsync("a", default);
        Assert.True(await ReservesAsync("a", 400));
        await SettleAsync("b", 1);
        await Host.CrashAsync();

        await StatusAsync();
        Clock.Advance(RateLimitRequest.DefaultLease - TimeSpan.FromTicks(1));
        var status = await StatusAsync();
        Assert.Equal(1, status.SpentNanoUsd);
        Assert.True(status.ReservedNanoUsd >= 400);
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((1, 0), await SpentAndReservedAsync());
    }

    /// <summary>Reserves; a renewal puts it on record.</summary>
    private async Task RecordAsync(string id, long nanoUsd)
    {
        Assert.True(await ReservesAsync(id, nanoUsd));
        Assert.True(await Tracker.RenewAsync(id, RateLimitRequest.DefaultLease, default));
    }
}
