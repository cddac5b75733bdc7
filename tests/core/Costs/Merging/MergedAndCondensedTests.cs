using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Merging;
using OrleansChat.Core.Tests.Costs.Ledgers;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Merging;

/// <summary>What a crash leaves of the one, when the other comes upon it.</summary>
public sealed class MergedAndCondensedTests
{
    private const int Settlements = 12 * (PageMerger.Length + 2);
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");

    private readonly LedgerWorld _world = new();
    private readonly ActorScheduler _scheduler = new();

    [Fact]
    public async Task Pages_ThatACrashLeftBesideTheMergedOne_AreCondensedOnce()
    {
        await SpendAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(12));
        await DieAfterWriteOfAsync($"/ledger/{PageMerger.Length - 1}", retentionDays: 400);
        Assert.Equal(_world.Record.Pages, _world.StoredPages);
        Assert.Equal(12 * PageMerger.Length, _world.LongestPage);

        _world.Clock.Advance(TimeSpan.FromDays(3));
        var tracker = await OpenAsync(retentionDays: 1);
        await TestWait.UntilAsync(async () =>
        {
            await QuietAsync();
            return _world.StoredPages == 1;
        });

        var entries = await ReadAsync(tracker);
        Assert.Equal(Settlements, entries.Sum(entry => entry.Count));
        Assert.Contains(entries, entry => entry.SumOf == Settlements - 12);
    }

    [Fact]
    public async Task Sums_ThatACrashLeft_DoNotCountLater_ThoughTheirPagesWereMerged()
    {
        await SpendAsync();
        _world.Clock.Advance(TimeSpan.FromDays(3));
        await DieAfterWriteOfAsync("/ledger/sums/0", retentionDays: 1);
        Assert.Equal((1, null), (_world.StoredSums, _world.Record.Condensed));

        // All is kept by now, and a version that knows neither sums nor merged pages writes the record.
        var tracker = await OpenAsync(retentionDays: 0);
        await TestWait.UntilAsync(async () =>
        {
            await QuietAsync();
            return _world.StoredPages == _world.Record.Pages - PageMerger.Length + 1;
        });
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        await _world.ForgetCondensedAsync();
        tracker = await OpenAsync(retentionDays: 0);

        Assert.Equal(Enumerable.Range(0, Settlements).Select(i => $"{i}"), (await ReadAsync(tracker)).Select(entry => entry.OperationId));
    }

    private async Task SpendAsync()
    {
        var tracker = await OpenAsync(retentionDays: 0);
        for (var i = 0; i < Settlements; i++)
        {
            var settlement = new CostSettlement($"{i}", Subject, new TokenUsage(1, 1), i);
            await _scheduler.RunAsync(() => tracker.SettleAsync(settlement, default));
        }

        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
    }

    private async Task DieAfterWriteOfAsync(string name, int retentionDays)
    {
        var (dying, context) = _world.Make(retentionDays);
        var isDead = false;
        _world.Store.AfterWrite = key =>
        {
            if (!key.EndsWith(name, StringComparison.Ordinal))
                return;

            context.Kill();
            isDead = true;
        };
        await _scheduler.RunAsync(() => dying.ActivateAsync(default));
        await TestWait.UntilAsync(() => Volatile.Read(ref isDead));
        _world.Store.AfterWrite = null;
        await QuietAsync();
    }

    private async Task<CostTrackerActor> OpenAsync(int retentionDays)
    {
        var (tracker, _) = _world.Make(retentionDays);
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));
        return tracker;
    }

    private Task<List<LedgerEntry>> ReadAsync(CostTrackerActor tracker) => _scheduler.RunAsync(async () => await LedgerWorld.ReadAsync(tracker));

    private async Task QuietAsync()
    {
        for (var hop = 0; hop < 200; hop++)
            await _scheduler.RunAsync(() => default);
    }
}
