using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.State;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Standalone.Tests.Costs;

/// <summary>The journal holds the name of each record in memory, so what a ledger leaves in it must not grow with its settlements.</summary>
public sealed class LedgersOverJournalTests
{
    private const int Settlements = 12 * 64 * 8;
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");

    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Ledger_OfManySettlements_LeavesFewNamesInTheJournal_AndIsReadAgain()
    {
        using var folder = new TemporaryFolder();
        await RunAsync(folder, async (journal, tracker) =>
        {
            for (var i = 0; i < Settlements; i++)
            {
                await tracker.SettleAsync(new CostSettlement($"{i}", Subject, new TokenUsage(3, 1), i), default);
                _clock.Advance(TimeSpan.FromSeconds(30));
            }

            // Six of eight runs are merged at least: the last has a page after it only by chance, and the one before may be on its way.
            Assert.InRange(journal.Keys(StateKey.Prefix).Count, 8, 6 + (2 * 64) + 3);
        });

        _clock.Advance(TimeSpan.FromHours(1));
        await RunAsync(folder, async (journal, tracker) =>
        {
            for (var i = 0; i < 12; i++)
                await tracker.SettleAsync(new CostSettlement($"more {i}", Subject, new TokenUsage(3, 1), 1), default);

            await TestWait.UntilAsync(() => journal.Keys(StateKey.Prefix).Count < 8 + 8);
            var entries = await tracker.ReadLedgerAsync();

            Assert.Equal(Enumerable.Range(0, Settlements).Select(i => $"{i}"), entries.Take(Settlements).Select(entry => entry.OperationId));
            Assert.Equal((await tracker.DescribeAsync(null, default)).SpentNanoUsd, entries.Sum(entry => entry.NanoUsd));
        });
    }

    private async Task RunAsync(TemporaryFolder folder, Func<Journal.Journal, ICostTrackerActor, Task> test)
    {
        await using var journal = await Journals.Journals.OpenAsync(folder, options: new JournalOptions { DataDirectory = "" });
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton<IOptionsMonitor<OrleansChatOptions>>(new TestOptions<OrleansChatOptions>(new OrleansChatOptions()))
            .BuildServiceProvider();
        await using var actors = new LocalActorDirectory(new JournalStateStore(journal), services, _clock, NullLogger<LocalActorDirectory>.Instance);
        await test(journal, actors.CostTracker("key:k"));
        await actors.StopAsync(default);
    }
}
