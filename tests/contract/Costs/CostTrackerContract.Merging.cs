using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Costs;

/// <summary>Ledgers whose pages become fewer and longer. Which they are is the store's matter; what is told of them is the same.</summary>
public abstract partial class CostTrackerContract<THost>
{
    /// <summary>More settlements than are merged into one page where pages are as short as they get.</summary>
    private const int EntriesOfARun = (64 * 12) + 30;

    /// <summary>Longer than an operation is repeated: then its page may be merged.</summary>
    private static readonly TimeSpan Aged = TimeSpan.FromMinutes(12);

    [Fact]
    public async Task Ledger_WhosePagesAreMerged_TellsEachSettlementOnce_InTheOrderOfBefore()
    {
        await SpendRunAsync(0);
        var first = Clock.GetUtcNow();
        Clock.Advance(Aged);
        await SpendRunAsync(1);
        var told = await LedgerAsync();
        Clock.Advance(Aged);

        for (var activation = 0; activation < 3; activation++)
        {
            await Host.DeactivateAllAsync();
            Assert.Equal(told, await LedgerAsync());
        }

        Assert.Equal(2 * EntriesOfARun, told.DistinctBy(entry => entry.OperationId).Count());
        Assert.Equal(await TotalAsync(), told.Sum(entry => entry.NanoUsd));
        Assert.Equal(told.Where(entry => entry.SettledAt > first), await LedgerAsync(from: first.AddTicks(1)));
        Assert.Equal(told.Where(entry => entry.SettledAt <= first), await LedgerAsync(to: first.AddTicks(1)));
    }

    [Fact]
    public async Task Reports_WhilePagesAreMerged_TellEachSettlementOnce()
    {
        await SpendRunAsync(0);
        var told = await LedgerAsync();
        Clock.Advance(Aged);
        await Host.DeactivateAllAsync();

        // The next activation merges while it is asked.
        var reports = Enumerable.Range(0, 20).Select(_ => Task.Run(() => LedgerAsync()));
        var settling = Task.Run(() => SpendRunAsync(1));
        foreach (var report in await Task.WhenAll(reports))
            Assert.Equal(told, report.Take(told.Count));

        await settling;
        Assert.Equal(2 * EntriesOfARun, (await LedgerAsync()).DistinctBy(entry => entry.OperationId).Count());
    }

    [Fact]
    public async Task Crash_WhilePagesAreMerged_LosesNothingAndTellsNothingTwice()
    {
        var random = Seed.Print(output);
        var told = new List<LedgerEntry>();
        for (var round = 0; round < Math.Min(THost.CrashRounds, 6); round++)
        {
            await SpendRunAsync(round);
            Clock.Advance(Aged);
            for (var settlements = random.Next(200); settlements > 0; settlements--)
                await SettleAsync($"{round} {settlements}", 1);

            await Host.CrashAsync();
            var entries = await LedgerAsync();
            Assert.Equal(await TotalAsync(), entries.Sum(entry => entry.NanoUsd));
            Assert.Equal(entries.Count, entries.DistinctBy(entry => entry.OperationId).Count());
            Assert.Equal(EntriesOfARun * (round + 1), entries.Count(entry => entry.OperationId.StartsWith("run ", StringComparison.Ordinal)));
            Assert.Equal(told, entries.Take(told.Count));
            told = entries;
        }
    }

    [Fact]
    public async Task Operation_ThatIsRepeated_IsBookedOnce_ThoughPagesBeforeItAreMerged()
    {
        await SpendRunAsync(0);
        Clock.Advance(Aged);
        await SettleAsync("again", 5);
        await Host.DeactivateAllAsync();
        await LedgerAsync();
        await Host.CrashAsync();

        await SettleAsync("again", 5);

        Assert.Single(await LedgerAsync(), entry => entry.OperationId == "again");
    }

    /// <summary>Settles in company, as writes are shared, at one moment.</summary>
    private async Task SpendRunAsync(int run)
    {
        const int Company = 12;
        for (var i = 0; i < EntriesOfARun; i += Company)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(Company, EntriesOfARun - i)).Select(id => Tracker.SettleAsync(
                new CostSettlement($"run {run} {id}", Subject, TokenUsage.Zero, id), default).AsTask()));
        }
    }
}
