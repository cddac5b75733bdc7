using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>Free tokens, top-ups, thresholds and reports by period.</summary>
public abstract partial class CostTrackerContract<THost>
{
    private static readonly Budget Tiered = new(0, BudgetWindow.Month) { FreeTokens = new Dictionary<string, long> { ["m"] = 1_000 } };

    [Fact]
    public async Task FreeTokens_AskedForByManyAtOnce_AreGivenExactly()
    {
        var budget = Tiered with { LimitNanoUsd = 1_000_000 };
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            Assert.True((await Tracker.ReserveAsync(Tokens($"a{i}", 7, budget), default)).Reserved);
            await SettleTokensAsync($"a{i}", 7);
        })));

        var entries = await LedgerAsync();
        Assert.Equal(1_000, entries.Sum(entry => entry.FreeTokens));
        Assert.Equal((300 * 7) - 1_000, entries.Sum(entry => entry.NanoUsd));
        Assert.Equal(new FreeTokenStatus("m", 1_000, 1_000, 0), Assert.Single((await Tracker.DescribeAsync(budget, default)).FreeTokens));
    }

    [Fact]
    public async Task FreeTokens_PassAnEmptyBudget_AndNoMore()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(
            async () => (await Tracker.ReserveAsync(Tokens($"a{i}", 7, Tiered), default)).Reserved)));

        Assert.Equal(1_000 / 7, decisions.Count(reserved => reserved));
    }

    [Fact]
    public async Task FreeTokens_OfACrash_AreHeldBackForALease_AndNeverGivenTwice()
    {
        Assert.True((await Tracker.ReserveAsync(Tokens("a", 600, Tiered), default)).Reserved);
        await Host.CrashAsync();

        var refusal = (await Tracker.ReserveAsync(Tokens("b", 400, Tiered), default)).Refusal!;
        Assert.Equal(Clock.GetUtcNow() + RateLimitRequest.DefaultLease, refusal.RetryAt);
        await SettleTokensAsync("a", 600);
        Clock.Advance(RateLimitRequest.DefaultLease);

        Assert.True((await Tracker.ReserveAsync(Tokens("c", 400, Tiered), default)).Reserved);
        Assert.False((await Tracker.ReserveAsync(Tokens("d", 1, Tiered), default)).Reserved);
        await SettleTokensAsync("c", 400);
        Assert.Equal([("a", 0, 600), ("c", 0, 400)], (await LedgerAsync()).Select(entry => (entry.OperationId, entry.NanoUsd, entry.FreeTokens)));
    }

    [Fact]
    public async Task FreeTokens_AfterAnOrderlyEnd_AreThereAtOnce()
    {
        Assert.True((await Tracker.ReserveAsync(Tokens("a", 600, Tiered), default)).Reserved);
        await SettleTokensAsync("a", 500);
        await Host.DeactivateAllAsync();

        Assert.True((await Tracker.ReserveAsync(Tokens("b", 500, Tiered), default)).Reserved);
        Assert.False((await Tracker.ReserveAsync(Tokens("c", 1, Tiered), default)).Reserved);
    }

    [Fact]
    public async Task TopUp_RepeatedByManyAtOnceAndAcrossACrash_AddsOnce()
    {
        await SettleAsync("a", 1_000);
        Assert.False(await ReservesAsync("b", 500));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TopUpAsync("op", 500))));
        await Host.CrashAsync();
        await TopUpAsync("op", 500);

        Assert.Equal((1_500, 500), ((await StatusAsync()).LimitNanoUsd!.Value, (await StatusAsync()).ToppedUpNanoUsd));
        Clock.Advance(RateLimitRequest.DefaultLease);
        Assert.True(await ReservesAsync("b", 500));
        Assert.Equal(new TopUp("op", 500, "boss"), Assert.Single((await Tracker.ListTopUpsAsync(default)).Items) with { At = default });
        Assert.Equal(1_000, (await LedgerAsync()).Sum(entry => entry.NanoUsd));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task TopUp_OfWhatCannotBe_IsTheCallersMistake(long nanoUsd)
    {
        await Assert.ThrowsAsync<RequestException>(() => TopUpAsync("op", nanoUsd));
        Assert.Equal(1_000, (await StatusAsync()).LimitNanoUsd);
    }

    [Fact]
    public async Task Threshold_IsToldOnce_ThoughSettlementsAndActivationsGoOn()
    {
        Assert.True(await ReservesAsync("a", 900));
        await SettleAsync("a", 850);
        await TestWait.UntilAsync(() => Host.Alerts.Taken.Count == 1);
        await Host.DeactivateAllAsync();
        await SettleAsync("b", 10);
        await Host.CrashAsync();
        await SettleAsync("c", 140);
        await TestWait.UntilAsync(() => Host.Alerts.Taken.Count >= 2);

        Assert.Equal([(80, 850), (100, 1_000)], Host.Alerts.Taken.Select(alert => (alert.Percent, alert.SpentNanoUsd)));
        Assert.All(Host.Alerts.Taken, alert => Assert.Equal(
            ("key:k", 1_000, new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero)), (alert.Scope, alert.LimitNanoUsd, alert.WindowEnd!.Value)));
    }

    [Fact]
    public async Task Threshold_ThatNobodyTook_IsToldByALaterActivation_AndHoldsNoSettlementUp()
    {
        Host.Alerts.IsDown = true;
        Assert.True(await ReservesAsync("a", 900));
        await SettleAsync("a", 850);
        await TestWait.UntilAsync(() => Host.Alerts.Refused > 0);
        await SettleAsync("b", 10);
        await Host.CrashAsync();

        Host.Alerts.IsDown = false;
        await SettleAsync("c", 10);
        await TestWait.UntilAsync(() => Host.Alerts.Taken.Count > 0);

        Assert.Equal(80, Assert.Single(Host.Alerts.Taken).Percent);
    }

    [Fact]
    public async Task Excess_OfASettlement_IsBookedInFullAndTold_AcrossACrash()
    {
        Assert.True(await ReservesAsync("a", 100));
        await SettleAsync("a", 1_700);
        await Host.CrashAsync();

        var status = await StatusAsync();
        Assert.Equal((1_700, 0, 1, 1_600), (status.SpentNanoUsd, status.RemainingNanoUsd!.Value, status.Excesses, status.ExcessNanoUsd));
    }

    [Fact]
    public async Task Window_ThatIsChangedWhileReservationsAreOpen_CountsThemInTheNewOne()
    {
        await SettleAsync("old", 300);
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await ReservesAsync("a", 600));
        var daily = Monthly with { Window = BudgetWindow.Day };

        Assert.False((await Tracker.ReserveAsync(Ask("b", 401) with { Budget = daily }, default)).Reserved);
        Assert.True((await Tracker.ReserveAsync(Ask("b", 400) with { Budget = daily }, default)).Reserved);
        await SettleAsync("a", 500);
        await SettleAsync("b", 400);

        Assert.Equal(900, (await Tracker.DescribeAsync(daily, default)).SpentNanoUsd);
        Assert.Equal(1_200, (await StatusAsync()).SpentNanoUsd);
        Assert.Equal(1_200, (await LedgerAsync()).Sum(entry => entry.NanoUsd));
    }

    [Fact]
    public async Task Settlements_InAnyOrderAndRepeated_BookEachOnce()
    {
        var random = Seed.Print(output);
        var ids = Enumerable.Range(0, 40).Select(i => $"a{i}").ToArray();
        foreach (var id in ids.Where(_ => random.Next(2) == 0))
            Assert.True(await ReservesAsync(id, 10));

        var settlements = ids.Concat(ids).Concat(ids).ToArray();
        random.Shuffle(settlements);
        await Task.WhenAll(settlements.Select(id => SettleAsync(id, 10)));

        Assert.Equal(ids.Order(StringComparer.Ordinal), (await LedgerAsync()).Select(entry => entry.OperationId).Order(StringComparer.Ordinal));
        Assert.Equal((400, 0), await SpentAndReservedAsync());
    }

    [Fact]
    public async Task Crash_AtAnyMoment_WithFreeTokensTopUpsAndWindowsThatEnd_AddsUp()
    {
        var random = Seed.Print(output);
        var budget = new Budget(2_000, BudgetWindow.Day) { FreeTokens = new Dictionary<string, long> { ["m"] = 500 } };
        var running = new List<(string Id, long Tokens)>();
        var toppedUp = 0L;
        for (var step = 0; step < 25 * THost.CrashRounds; step++)
        {
            Clock.Advance(TimeSpan.FromSeconds(random.Next(random.Next(10) == 0 ? 20_000 : 3)));
            if (random.Next(20) == 0)
                await (random.Next(2) == 0 ? Host.CrashAsync() : Host.DeactivateAllAsync());

            var i = random.Next(running.Count + 1);
            switch (random.Next(6))
            {
                case 0 or 1 when i < running.Count:
                    await SettleTokensAsync(running[i].Id, random.NextInt64(running[i].Tokens + 1), budget);
                    running.RemoveAt(i);
                    break;
                case 2 when i < running.Count:
                    await Tracker.ReleaseAsync(running[i].Id, default);
                    running.RemoveAt(i);
                    break;
                case 3 when random.Next(5) == 0:
                    var amount = random.Next(1, 100);
                    await Tracker.TopUpAsync(new TopUp($"top-{step}", amount, "boss"), budget, default);
                    toppedUp += amount;
                    break;
                default:
                    var request = Tokens($"{step}", random.Next(300), budget);
                    if ((await Tracker.ReserveAsync(request, default)).Reserved)
                        running.Add((request.OperationId, request.Tokens));

                    break;
            }

            var entries = await LedgerAsync();
            var total = await Tracker.DescribeAsync(budget with { Window = BudgetWindow.Total, FreeTokens = null }, default);
            Assert.Equal((entries.Sum(entry => entry.NanoUsd), toppedUp), (total.SpentNanoUsd, total.ToppedUpNanoUsd));
            var today = Clock.GetUtcNow().Date;
            var ofToday = entries.Where(entry => entry.SettledAt.UtcDateTime.Date == today).ToList();
            var status = await Tracker.DescribeAsync(budget, default);
            Assert.Equal(ofToday.Sum(entry => entry.NanoUsd), status.SpentNanoUsd);
            Assert.Equal(ofToday.Sum(entry => entry.FreeTokens), status.FreeTokens[0].Used);
            Assert.True(status.FreeTokens[0].Used <= 500, $"{status.FreeTokens[0].Used} free tokens");
            Assert.Equal(
                ofToday.Select(entry => entry.OperationId),
                (await LedgerAsync(new DateTimeOffset(today, TimeSpan.Zero), new DateTimeOffset(today.AddDays(1), TimeSpan.Zero))).Select(entry => entry.OperationId));
        }
    }

    private static CostReservationRequest Tokens(string id, long tokens, Budget budget) =>
        Ask(id, tokens) with { Tokens = tokens, Budget = budget };

    private async Task SettleTokensAsync(string id, long tokens, Budget? budget = null) => await Tracker.SettleAsync(
        new CostSettlement(id, Subject, new TokenUsage(tokens, 0), tokens) { FreeTier = (budget ?? Tiered).FreeTierOf("m") }, default);

    private async Task TopUpAsync(string operationId, long nanoUsd) =>
        await Tracker.TopUpAsync(new TopUp(operationId, nanoUsd, "boss"), Monthly, default);
}
