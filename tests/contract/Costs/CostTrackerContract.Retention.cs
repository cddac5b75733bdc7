using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>Ledgers whose old entries become sums of days.</summary>
public abstract partial class CostTrackerContract<THost>
{
    private const int EntriesOfADay = 30;

    [Fact]
    public async Task Ledger_OlderThanItsRetention_IsSumsOfDaysThatAddUp()
    {
        Keep(days: 2);
        var first = Clock.GetUtcNow();
        var ids = await SpendDaysAsync(8);

        await CondensedAsync(first.AddDays(4));

        var entries = await LedgerAsync();
        var latest = entries.Where(entry => entry.SumOf == 0).ToList();
        Assert.Equal(ids.TakeLast(latest.Count), latest.Select(entry => entry.OperationId));
        Assert.All(entries.Where(entry => entry.SumOf > 0), sum => Assert.Equal(("", null), (sum.OperationId, sum.Subject.SessionId)));
        Assert.Equal(Enumerable.Repeat((long)EntriesOfADay, 8), entries.GroupBy(entry => entry.SettledAt.UtcDateTime.Date).Select(day => day.Sum(entry => entry.Count)));
        Assert.Equal(await TotalAsync(), entries.Sum(entry => entry.NanoUsd));
    }

    [Fact]
    public async Task Ledger_IsReadByDays_ThoughTheyAreCondensed()
    {
        Keep(days: 1);
        var first = Clock.GetUtcNow();
        await SpendDaysAsync(6);
        await CondensedAsync(first.AddDays(3));

        var (from, to) = (new DateTimeOffset(first.UtcDateTime.Date.AddDays(1), TimeSpan.Zero), new DateTimeOffset(first.UtcDateTime.Date.AddDays(3), TimeSpan.Zero));
        var entries = await LedgerAsync(from, to);

        Assert.Equal(2 * EntriesOfADay, entries.Sum(entry => entry.Count));
        Assert.Contains(entries, entry => entry.SumOf > 0);
        Assert.All(entries, entry => Assert.True(entry.SettledAt >= from && entry.SettledAt < to));
    }

    [Fact]
    public async Task Crash_WhileTheLedgerIsCondensed_LosesNothingAndCountsNothingTwice()
    {
        Keep(days: 1);
        var first = Clock.GetUtcNow();
        for (var day = 0; day < 6; day++)
        {
            await SpendDaysAsync(1);
            if (6 - day <= THost.CrashRounds)
                await Host.CrashAsync();

            Assert.Equal(await TotalAsync(), (await LedgerAsync()).Sum(entry => entry.NanoUsd));
        }

        await CondensedAsync(first.AddDays(2));
        Assert.Equal(6 * EntriesOfADay, (await LedgerAsync()).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task Ledger_IsCondensedByALaterActivation_WhenItsRetentionBecomesShorter()
    {
        Keep(days: 0);
        var first = Clock.GetUtcNow();
        await SpendDaysAsync(5);
        Assert.All(await LedgerAsync(), entry => Assert.Equal(0, entry.SumOf));

        Keep(days: 1);
        await Host.DeactivateAllAsync();

        await CondensedAsync(first.AddDays(3));
        Assert.Equal(5 * EntriesOfADay, (await LedgerAsync()).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task Estimate_OfALedgerThatIsCondensed_IsCorrectedForADay_AndSettledOnce()
    {
        Keep(days: 1);
        var first = Clock.GetUtcNow();
        await SpendDaysAsync(4);
        Assert.True((await Tracker.ReserveAsync(Ask("late", 400) with { Budget = null }, default)).Reserved);
        Clock.Advance(RateLimitRequest.DefaultLease);
        await CondensedAsync(first.AddDays(2));
        await Host.DeactivateAllAsync();
        var before = await TotalAsync();

        await SettleAsync("late", 150);
        await Host.CrashAsync();
        await SettleAsync("late", 150);

        Assert.Equal(before - 250, await TotalAsync());
        Assert.Equal(await TotalAsync(), (await LedgerAsync()).Sum(entry => entry.NanoUsd));
    }

    private void Keep(int days) => Host.Settings.Change(new OrleansChatOptions { Ledger = new LedgerOptions { RetentionDays = days } });

    private async Task<long> TotalAsync() => (await Tracker.DescribeAsync(null, default)).SpentNanoUsd;

    private async Task<List<string>> SpendDaysAsync(int days)
    {
        var ids = new List<string>();
        for (var i = 0; i < days * EntriesOfADay; i++)
        {
            ids.Add($"{Clock.GetUtcNow():O}");
            await Tracker.SettleAsync(new CostSettlement(ids[^1], Subject, new TokenUsage(i, 1), i), default);
            Clock.Advance(TimeSpan.FromDays(1) / EntriesOfADay);
        }

        return ids;
    }

    /// <summary>Waits until what is before a moment is condensed, but for the page that reaches beyond it. Nobody is told of that.</summary>
    private Task CondensedAsync(DateTimeOffset moment) =>
        TestWait.UntilAsync(async () => (await LedgerAsync(to: moment)).Count(entry => entry.SumOf == 0) < 12);
}
