using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Merging;
using OrleansChat.Core.Tests.Costs.Ledgers;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Merging;

public sealed class PageMergerTests
{
    private const int PageLength = 12;
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");

    private readonly LedgerWorld _world = new();
    private readonly ActorScheduler _scheduler = new();
    private readonly List<string> _booked = [];

    [Fact]
    public async Task Ledger_OfManySettlements_IsARecordForEachRunOfPages_AndTheLatestOnes()
    {
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: 10_000, TimeSpan.FromMinutes(1));

        await MergedAsync();

        // 834 pages: thirteen runs of 64, and what is not a run yet.
        Assert.InRange(_world.StoredPages, 13, 13 + PageMerger.Length);
        Assert.Equal(_world.Record.Pages, _world.HeldPages);
        await AllAreThereAsync(tracker);
    }

    [Fact]
    public async Task Entries_AreWrittenAgainOnce()
    {
        var tracker = await OpenAsync();
        var longWrites = new List<string>();
        _world.Store.AfterWrite = key =>
        {
            if (key.Contains("/ledger/", StringComparison.Ordinal) && new InMemoryActorState<LedgerPage>(_world.Store, key) is { Exists: true, Value.Merged: > 0 })
                longWrites.Add(key);
        };
        await SpendAsync(tracker, settlements: 10_000, TimeSpan.FromMinutes(1));
        await ReopenAsync(tracker);
        await MergedAsync();

        Assert.InRange(longWrites.Count, 12, 13);
        Assert.Equal(longWrites.Distinct(), longWrites);
    }

    [Theory]
    [InlineData(30, 64)] // 1,920 entries in a run of runs.
    [InlineData(150, 8)] // 9,600, but 1,200 in a run.
    [InlineData(700, 1)] // 5,600 in a run.
    public async Task Pages_AreMergedAsFarAsOneRecordMayHoldThem(int entriesOfAPage, int merged)
    {
        var tracker = await OpenAsync();
        for (var burst = 0; burst < 135; burst++)
        {
            // While the first is written, the others become one page.
            await SpendAtOnceAsync(tracker, entriesOfAPage);
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        _world.Clock.Advance(TimeSpan.FromMinutes(12));
        tracker = await ReopenAsync(tracker);
        await MergedAsync();

        Assert.InRange(_world.LongestPage, Math.Min(entriesOfAPage * merged, MergedEntries.Most) * 3 / 4, MergedEntries.Most);
        Assert.InRange(_world.StoredPages, 128 / merged, (128 / merged) + PageMerger.Length);
        await AllAreThereAsync(tracker);
    }

    [Fact]
    public async Task Pages_WhoseOperationsMayStillBeRepeated_AreLeftAlone_SoThatAnActivationReadsLittle()
    {
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: 2_000, TimeSpan.FromMilliseconds(200));
        await QuietAsync();
        Assert.Equal(_world.Record.Pages, _world.StoredPages);

        _world.Clock.Advance(TimeSpan.FromMinutes(12));
        await SpendAsync(tracker, settlements: 200, TimeSpan.FromMilliseconds(200));
        await MergedAsync();
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        _world.Clock.Advance(TimeSpan.FromMinutes(12));
        var (next, _) = _world.Make(retentionDays: 400);
        var before = _world.Store.Reads;
        await _scheduler.RunAsync(() => next.ActivateAsync(default));

        // The record of reservations was renewed before anything was merged, and what came after it is read: of 184 pages some seventeen.
        Assert.InRange(_world.Store.Reads - before, 1, 24);
        await AllAreThereAsync(next);
    }

    [Fact]
    public async Task Page_SpansASixteenthOfTheRetentionAtMost_SoThatWhatIsOldGoesInTime()
    {
        var tracker = await OpenAsync(retentionDays: 16);

        // Pages of six hours: a run of eight is two days.
        await SpendAsync(tracker, settlements: PageLength * 200, TimeSpan.FromMinutes(30));
        await QuietAsync();
        Assert.Equal(PageLength, _world.LongestPage);

        // Of half an hour: eight are four hours, and eight times eight more than a day.
        await SpendAsync(tracker, settlements: PageLength * 200, TimeSpan.FromMinutes(2.5));
        await QuietAsync();
        Assert.Equal(PageLength * 8, _world.LongestPage);
    }

    [Fact]
    public async Task Pages_ThatTellOfNoneBeforeThem_StayAsTheyAre_AndLaterOnesAreMerged()
    {
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: PageLength * 30, TimeSpan.FromMilliseconds(1));
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        for (var page = 0; page < _world.Record.Pages; page++)
            await _world.ForgetEarlierAsync(page);

        tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: PageLength * 70, TimeSpan.FromMinutes(1));
        await QuietAsync();

        Assert.InRange(_world.StoredPages, 30, 40);
        await AllAreThereAsync(tracker);
        await AllAreThereAsync(await ReopenAsync(tracker));
    }

    [Fact]
    public async Task Reader_WhoBeganBefore_SeesEveryEntryOnce_ThoughItsPagesAreMergedMeanwhile()
    {
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: PageLength * PageMerger.Length, TimeSpan.FromMilliseconds(1));
        var booked = _booked.ToList();
        var reading = tracker.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default).GetAsyncEnumerator();
        Assert.True(await _scheduler.RunAsync(() => reading.MoveNextAsync()));

        _world.Clock.Advance(TimeSpan.FromMinutes(12));
        await SpendAsync(tracker, settlements: PageLength * PageMerger.Length, TimeSpan.FromMilliseconds(1));
        await QuietAsync();

        // The merged page is there, and what its reader still looks for.
        Assert.Equal(PageLength * PageMerger.Length, _world.LongestPage);
        Assert.Equal(_world.Record.Pages, _world.StoredPages);
        var seen = new List<string> { reading.Current.OperationId };
        while (await _scheduler.RunAsync(() => reading.MoveNextAsync()))
            seen.Add(reading.Current.OperationId);

        Assert.Equal(booked, seen);
        await _scheduler.RunAsync(() => reading.DisposeAsync());
        await MergedAsync();
        Assert.InRange(_world.StoredPages, 1, PageMerger.Length + 1);
        await AllAreThereAsync(tracker);
    }

    [Fact]
    public async Task Activation_ThatOwnsTheLedgerNoMore_TakesNoPageFromTheOwnersReaders()
    {
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: PageLength * (PageMerger.Length + 2), TimeSpan.FromMilliseconds(1));
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        _world.Clock.Advance(TimeSpan.FromMinutes(12));

        // Two activations are about to write the merged page: the first, and the owner, who reads.
        var gates = new List<TaskCompletionSource>();
        _world.Store.BeforeWrite = key =>
        {
            if (!key.EndsWith($"/ledger/{PageMerger.Length - 1}", StringComparison.Ordinal))
                return Task.CompletedTask;

            gates.Add(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return gates[^1].Task;
        };
        await OpenAsync();
        await TestWait.UntilAsync(() => gates.Count == 1);
        var owner = await OpenAsync();
        await TestWait.UntilAsync(() => gates.Count == 2);
        await SpendAsync(owner, settlements: 1, TimeSpan.Zero);
        var reading = owner.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default).GetAsyncEnumerator();
        Assert.True(await _scheduler.RunAsync(() => reading.MoveNextAsync()));
        var seen = new List<string> { reading.Current.OperationId };

        gates[0].SetResult();
        await QuietAsync();

        Assert.Equal(PageLength * PageMerger.Length, _world.LongestPage);
        Assert.Equal(_world.Record.Pages, _world.StoredPages);
        while (await _scheduler.RunAsync(() => reading.MoveNextAsync()))
            seen.Add(reading.Current.OperationId);

        Assert.Equal(_booked, seen);
        await _scheduler.RunAsync(() => reading.DisposeAsync());
        gates[1].SetResult();
        await AllAreThereAsync(owner);
    }

    [Fact]
    public async Task Activation_WhoseClockIsBehind_ReadsBackThroughMergedPages()
    {
        var behind = new FakeClock();
        var tracker = await OpenAsync();
        await SpendAsync(tracker, settlements: 2_000, TimeSpan.FromMinutes(1));
        await MergedAsync();
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));

        // By its clock everything is young.
        (tracker, var context) = _world.Make(retentionDays: 0, clock: behind);
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));

        Assert.False(context.IsDeactivationRequested);
        await AllAreThereAsync(tracker);
    }

    [Fact]
    public async Task CallThatIsLost_IsLookedForInMergedPagesToo()
    {
        var tracker = await OpenAsync();
        var start = _world.Clock.GetUtcNow();
        await SpendAsync(tracker, settlements: 2_000, TimeSpan.FromMinutes(1));
        await MergedAsync();

        var settled = _booked[5];
        foreach (var id in new[] { settled, "lost" })
        {
            var lost = new CostSettlement(id, Subject, TokenUsage.Zero, 5) { LostSince = start };
            await _scheduler.RunAsync(() => tracker.SettleAsync(lost, default));
        }

        _booked.Add("lost");
        await AllAreThereAsync(tracker);
    }

    private async Task<CostTrackerActor> OpenAsync(int retentionDays = 0)
    {
        var (tracker, _) = _world.Make(retentionDays);
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));
        return tracker;
    }

    private async Task<CostTrackerActor> ReopenAsync(CostTrackerActor tracker)
    {
        await _scheduler.RunAsync(() => tracker.DeactivateAsync(default));
        return await OpenAsync();
    }

    /// <summary>Settles one after the other, with a pause after each.</summary>
    private async Task SpendAsync(CostTrackerActor tracker, int settlements, TimeSpan pause)
    {
        for (var i = 0; i < settlements; i++)
        {
            await SpendAtOnceAsync(tracker, 1);
            _world.Clock.Advance(pause);
        }
    }

    private async Task SpendAtOnceAsync(CostTrackerActor tracker, int settlements)
    {
        var ids = Enumerable.Range(_booked.Count, settlements).Select(i => $"{i}").ToList();
        _booked.AddRange(ids);
        await Task.WhenAll(ids.Select(id => _scheduler.RunAsync(() => tracker.SettleAsync(new CostSettlement(id, Subject, new TokenUsage(1, 1), 3), default))));
    }

    private async Task AllAreThereAsync(CostTrackerActor tracker)
    {
        var entries = await _scheduler.RunAsync(async () => await LedgerWorld.ReadAsync(tracker));
        Assert.Equal(_booked, entries.Select(entry => entry.OperationId));
        Assert.Equal((await _scheduler.RunAsync(() => tracker.DescribeAsync(null, default))).SpentNanoUsd, entries.Sum(entry => entry.NanoUsd));
    }

    /// <summary>Waits until each page is held by one record.</summary>
    private async Task MergedAsync() => await TestWait.UntilAsync(async () =>
    {
        await QuietAsync();
        return _world.HeldPages == _world.Record.Pages && _world.LongestPage > PageLength;
    });

    private async Task QuietAsync()
    {
        for (var hop = 0; hop < 1_000; hop++)
            await _scheduler.RunAsync(() => default);
    }
}
