using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Condensing;
using OrleansChat.Core.Costs.Merging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Tests.Costs.Ledgers;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Condensing;

public sealed class LedgerCondenserTests
{
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");

    private readonly LedgerWorld _world = new();
    private readonly ActorScheduler _scheduler = new();

    [Fact]
    public async Task Ledger_OfManyDays_KeepsTheDaysOfTheRetentionAndOneSumForEachBefore()
    {
        var tracker = await OpenAsync(retentionDays: 2);
        for (var day = 0; day < 20; day++)
            await SpendADayAsync(tracker);

        await CondensedAsync();

        // Two whole days and what had begun; a page that reaches into them is whole. One page of sums is written again and again.
        var entries = await ReadAsync(tracker);
        Assert.Equal(20 * 24, entries.Sum(entry => entry.Count));
        Assert.InRange(entries.Count(entry => entry.SumOf == 0), 24 * 2, (24 * 4) + 12);
        Assert.InRange(entries.Count(entry => entry.SumOf > 0), 16, 20);
        Assert.InRange(_world.StoredPages, 4, 10);
        Assert.Equal(1, _world.StoredSums);
    }

    [Fact]
    public async Task Ledger_ThatKeepsEverythingForEver_StoresNoSums()
    {
        var tracker = await OpenAsync(retentionDays: 0);
        for (var day = 0; day < 5; day++)
            await SpendADayAsync(tracker);

        _world.Clock.Advance(TimeSpan.FromDays(10_000));
        await SpendADayAsync(tracker);

        Assert.All(await ReadAsync(tracker), entry => Assert.Equal(0, entry.SumOf));
        Assert.Equal(0, _world.StoredSums);
    }

    [Fact]
    public async Task Ledger_OfAnOlderVersion_IsCondensedByItsNextActivations()
    {
        var tracker = await OpenAsync(retentionDays: 0);
        for (var day = 0; day < 300; day++)
            await SpendADayAsync(tracker);

        var before = await ReadAsync(tracker);
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        await _world.ForgetCondensedAsync();
        _world.Clock.Advance(TimeSpan.FromDays(5));

        // A bounded number of pages each time.
        tracker = await OpenAsync(retentionDays: 2);
        await CondensedAsync();
        Assert.InRange(_world.Record.Condensed!.Pages, 1, CondensedBatch.MostPages + PageMerger.Length);
        for (var i = 0; i < 2; i++)
        {
            await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
            tracker = await OpenAsync(retentionDays: 2);
            await CondensedAsync();
        }

        Assert.InRange(_world.StoredPages, 1, 3);
        Assert.Equal(ByDay(before), ByDay(await ReadAsync(tracker)));
    }

    [Fact]
    public async Task Pages_ThatACrashLeft_CountNoMore_AndAreRemovedByTheNextActivation()
    {
        var tracker = await OpenAsync(retentionDays: 0);
        for (var day = 0; day < 5; day++)
            await SpendADayAsync(tracker);

        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        var (dying, context) = _world.Make(retentionDays: 1);
        _world.Store.BeforeWrite = key =>
        {
            if (key.EndsWith("/ledger/0", StringComparison.Ordinal))
                context.Kill();

            return Task.CompletedTask;
        };
        await _scheduler.RunAsync(() => dying.ActivateAsync(default));
        await TestWait.UntilAsync(() => _world.Record.Condensed is not null);
        await QuietAsync();
        Assert.Equal(_world.Record.Pages, _world.StoredPages);

        _world.Store.BeforeWrite = null;
        tracker = await OpenAsync(retentionDays: 1);
        await CondensedAsync();

        Assert.Equal(5 * 24, (await ReadAsync(tracker)).Sum(entry => entry.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(400)]
    public async Task Ledger_WhoseRecordAnOlderVersionWrote_IsFoundToBeCondensed_WhateverIsKeptNow(int retentionDays)
    {
        var tracker = await OpenAsync(retentionDays: 1);
        for (var day = 0; day < 6; day++)
            await SpendADayAsync(tracker);

        await CondensedAsync();
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        var condensed = _world.Record.Condensed!;
        await _world.ForgetCondensedAsync();
        Assert.Null(_world.Record.Condensed);

        tracker = await OpenAsync(retentionDays);

        Assert.Equal(6 * 24, (await ReadAsync(tracker)).Sum(entry => entry.Count));
        await SpendADayAsync(tracker);
        Assert.InRange(_world.Record.Condensed!.Pages, condensed.Pages, _world.Record.Pages);
    }

    [Fact]
    public async Task Reader_WhoBeganBefore_SeesEveryEntryThoughItsPagesAreCondensedMeanwhile()
    {
        var tracker = await OpenAsync(retentionDays: 1);
        await SpendADayAsync(tracker);
        await SpendADayAsync(tracker);
        var reading = tracker.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default).GetAsyncEnumerator();
        Assert.True(await _scheduler.RunAsync(() => reading.MoveNextAsync()));
        var pages = _world.StoredPages;

        for (var day = 0; day < 5; day++)
            await SpendADayAsync(tracker);

        await QuietAsync();
        Assert.InRange(_world.StoredPages, pages + 5, int.MaxValue);
        var seen = new HashSet<string> { reading.Current.OperationId };
        while (await _scheduler.RunAsync(() => reading.MoveNextAsync()))
            seen.Add(reading.Current.OperationId);

        Assert.Equal(48, seen.Count);
        await _scheduler.RunAsync(() => reading.DisposeAsync());
        await CondensedAsync();
        Assert.InRange(_world.StoredPages, 1, pages + 4);
    }

    [Fact]
    public async Task Activation_ThatOwnsTheLedgerNoMore_TellsNoSumsThatAreShort()
    {
        var stale = await OpenAsync(retentionDays: 0);
        for (var day = 0; day < 5; day++)
            await SpendADayAsync(stale);

        var owner = await OpenAsync(retentionDays: 1);
        await CondensedAsync();

        await Assert.ThrowsAsync<StorageException>(() => ReadAsync(stale));
        Assert.Equal(5 * 24, (await ReadAsync(owner)).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task CallThatWasLostBeforeWhatIsCondensed_IsNotChargedAgain()
    {
        var tracker = await OpenAsync(retentionDays: 1);
        var lost = _world.Clock.GetUtcNow();
        for (var day = 0; day < 5; day++)
            await SpendADayAsync(tracker);

        await CondensedAsync();
        var late = _world.Clock.GetUtcNow().AddHours(-1);
        await ChargeLostAsync(tracker, "0", lost);
        await ChargeLostAsync(tracker, "late", late);

        Assert.Equal((5 * 24) + 1, (await ReadAsync(tracker)).Sum(entry => entry.Count));
    }

    private static SortedDictionary<string, LedgerTotals> ByDay(IEnumerable<LedgerEntry> entries) =>
        LedgerTotals.By(entries, static entry => $"{entry.SettledAt.UtcDateTime:yyyy-MM-dd}");

    private async Task<CostTrackerActor> OpenAsync(int retentionDays)
    {
        var (tracker, _) = _world.Make(retentionDays);
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));
        return tracker;
    }

    /// <summary>Settles once an hour.</summary>
    private async Task SpendADayAsync(CostTrackerActor tracker)
    {
        for (var hour = 0; hour < 24; hour++)
        {
            var id = $"{_world.Clock.GetUtcNow():O}";
            await _scheduler.RunAsync(() => tracker.SettleAsync(new CostSettlement(id, Subject, new TokenUsage(hour, 1), hour), default));
            _world.Clock.Advance(TimeSpan.FromHours(1));
            await QuietAsync();
        }
    }

    private Task ChargeLostAsync(CostTrackerActor tracker, string id, DateTimeOffset since) =>
        _scheduler.RunAsync(() => tracker.SettleAsync(new CostSettlement(id, Subject, TokenUsage.Zero, 5) { LostSince = since }, default));

    private Task<List<LedgerEntry>> ReadAsync(CostTrackerActor tracker) => _scheduler.RunAsync(async () => await LedgerWorld.ReadAsync(tracker));

    private async Task CondensedAsync() => await TestWait.UntilAsync(async () =>
    {
        await QuietAsync();
        return _world.Record is { Condensed: { } condensed } record && condensed.Cleared == condensed.Pages && _world.HeldPages == record.Pages - condensed.Pages;
    });

    private async Task QuietAsync()
    {
        for (var hop = 0; hop < 30; hop++)
            await _scheduler.RunAsync(() => default);
    }
}
