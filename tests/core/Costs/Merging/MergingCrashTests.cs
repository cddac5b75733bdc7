using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Merging;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Tests.Costs.Ledgers;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs.Merging;

/// <summary>
/// A ledger whose host dies before or after any of its writes while pages are merged, and in some rounds condensed too: every settlement is in it once, in an order that never
/// changes, and their sum is the spend.
/// </summary>
public sealed class MergingCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Host_ThatDiesAtAnyWrite_LosesNothingAndTellsNothingTwiceOrInAnotherOrder()
    {
        var random = Seed.Print(output);
        var (crashes, merged) = (0, 0L);
        for (var round = 0; round < 16; round++)
        {
            var run = new Round(random.Next());
            await run.RunAsync(70);
            (crashes, merged) = (crashes + run.Crashes, merged + run.Merged);
        }

        output.WriteLine($"{crashes} crashes, {merged} pages merged");
        Assert.True(crashes > 100, $"{crashes} crashes");
        Assert.True(merged > 1_000, $"{merged} pages merged");
    }

    private sealed class Round
    {
        private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
        private static readonly TimeSpan LongestStep = TimeSpan.FromHours(2);

        private readonly int _seed;
        private readonly Random _random;
        private readonly LedgerWorld _world = new();
        private readonly MortalLedger _ledger;
        private readonly int _retentionDays;
        private readonly int _burst;
        private readonly Dictionary<string, (DateTimeOffset At, long NanoUsd)> _booked = new(StringComparer.Ordinal);
        private readonly List<(string Id, DateTimeOffset LeaseEnd)> _open = [];
        private List<string> _told = [];
        private int _operations;

        public Round(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            _retentionDays = _random.Next(3) switch { 0 => 0, 1 => 400, _ => _random.Next(1, 4) };
            _burst = _random.Next(4) == 0 ? 150 : 25;
            _ledger = new MortalLedger(_world, _random, _retentionDays, "UTC", mostWrites: 60);
        }

        public int Crashes => _ledger.Crashes;

        /// <summary>How many pages became part of another.</summary>
        public long Merged { get; private set; }

        private DateTimeOffset Now => _world.Clock.GetUtcNow();

        private bool IsCondensed => _retentionDays is > 0 and < 400;

        public async Task RunAsync(int steps)
        {
            await _ledger.OpenAsync();
            for (var step = 0; step < steps; step++)
            {
                _world.Clock.Advance(_random.Next(6) == 0 ? LongestStep * _random.NextDouble() : TimeSpan.FromMinutes(_random.Next(6)));
                if (IsCondensed && _random.Next(8) == 0)
                    _world.Clock.Advance(TimeSpan.FromHours(_random.Next(24)));

                if (_random.Next(3) != 0)
                    _ledger.Doom();

                await SettleOpenAsync();
                for (var pages = _random.Next(12); pages > 0; pages--)
                    await SettleAsync([.. Enumerable.Range(0, _random.Next(12, _burst)).Select(_ => $"{_operations++}")]);

                await ReserveAsync();
                if (_random.Next(4) == 0)
                    await ChargeLostAsync();

                if (_random.Next(12) == 0)
                    await _ledger.EndInOrderAsync();

                await _ledger.IdleAsync();
                if (_random.Next(4) == 0)
                    await CheckAsync();
            }

            await EndAsync();
        }

        private Task SettleAsync(string[] ids)
        {
            foreach (var id in ids)
                _booked.Add(id, (Now, _random.Next(1_000)));

            return _ledger.CallAsync(tracker => Task.WhenAll(ids.Select(id => Settle(tracker, id))));
        }

        private Task Settle(CostTrackerActor tracker, string id) =>
            tracker.SettleAsync(new CostSettlement(id, Subject, TokenUsage.Zero, _booked[id].NanoUsd), default).AsTask();

        /// <summary>A reservation goes on record, and is settled when pages that came after it are merged.</summary>
        private async Task ReserveAsync()
        {
            if (IsCondensed || _open.Count > 3 || _random.Next(2) == 0)
                return;

            var (id, lease) = ($"{_operations++}", LongestStep * (2 + _random.Next(8)));
            await _ledger.CallAsync(async tracker =>
            {
                await tracker.ReserveAsync(new CostReservationRequest { OperationId = id, NanoUsd = 1_000, Subject = Subject, Lease = lease }, default);
                Assert.True(await tracker.RenewAsync(id, lease, default), Told($"{id} is not open"));
            });
            _open.Add((id, Now + lease));
        }

        private async Task SettleOpenAsync()
        {
            var due = _open.Where(open => open.LeaseEnd - Now <= LongestStep + LongestStep || _random.Next(10) == 0).ToList();
            _open.RemoveAll(due.Contains);
            if (due.Count > 0)
                await SettleAsync([.. due.Select(open => open.Id)]);
        }

        /// <summary>A call whose caller died: it is charged unless the ledger names it, however long ago that was.</summary>
        private async Task ChargeLostAsync()
        {
            // Where it was condensed, nothing names it.
            var known = _random.Next(2) == 0 && !IsCondensed ? $"{_random.Next(_operations)}" : null;
            if (known is not null && !_booked.ContainsKey(known))
                return;

            var id = known ?? $"{_operations++}";
            var since = known is null ? Now.AddMinutes(-_random.Next(30)) : _booked[known].At;
            _booked.TryAdd(id, (Now, 7));
            await _ledger.CallAsync(tracker => tracker.SettleAsync(new CostSettlement(id, Subject, TokenUsage.Zero, 7) { LostSince = since }, default).AsTask());
        }

        private async Task CheckAsync()
        {
            await _ledger.SpareAsync();
            Assert.False(_ledger.IsEnding, Told("it looked for a page that is gone"));
            var status = await _ledger.CallAsync(tracker => tracker.DescribeAsync(null, default));
            var entries = await _ledger.ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
            Assert.True(_booked.Values.Sum(booked => booked.NanoUsd) == status.SpentNanoUsd, Told($"{status.SpentNanoUsd} spent"));
            Assert.True(status.SpentNanoUsd == entries.Sum(entry => entry.NanoUsd), Told($"{status.SpentNanoUsd} spent, {entries.Sum(entry => entry.NanoUsd)} in entries"));
            Assert.True(_booked.Count == entries.Sum(entry => entry.Count), Told($"{entries.Sum(entry => entry.Count)} entries of {_booked.Count}"));

            var single = entries.Where(entry => entry.SumOf == 0).ToList();
            var ids = single.ConvertAll(entry => entry.OperationId);
            Assert.True(ids.TrueForAll(_booked.ContainsKey) && ids.Distinct().Count() == ids.Count, Told("an entry is nobody's, or there twice"));
            if (!IsCondensed)
                Assert.True(_told.SequenceEqual(ids.Take(_told.Count)), Told("what was told before is told in another order"));

            _told = ids;
            var from = Now.AddMinutes(-_random.Next(600));
            var to = from.AddMinutes(_random.Next(300));
            if (entries.Count == single.Count)
                Assert.True(single.Where(entry => entry.SettledAt >= from && entry.SettledAt < to).SequenceEqual(await _ledger.ReadAsync(from, to)), Told($"{from} to {to} differs"));
        }

        /// <summary>With no further crash, all runs are merged, and nothing is left of their pages.</summary>
        private async Task EndAsync()
        {
            await _ledger.SpareAsync();
            for (var more = 0; more < 3; more++)
            {
                _world.Clock.Advance(TimeSpan.FromHours(1));
                _open.ForEach(open => Assert.True(open.LeaseEnd > Now));
                await SettleAsync([.. Enumerable.Range(0, 30).Select(_ => $"{_operations++}")]);
                await _ledger.EndInOrderAsync();
            }

            await _ledger.UntilAsync(() => _world.HeldPages == _world.Record.Pages - (_world.Record.Condensed?.Pages ?? 0));
            Merged = _world.HeldPages - _world.StoredPages;
            await CheckAsync();
            Assert.True(_world.LongestPage <= MergedEntries.Most, Told($"{_world.LongestPage} entries in a page"));
            await SettleAsync([.. _open.Select(open => open.Id)]);
            _open.Clear();
            _world.Clock.Advance(RateLimitRequest.LongestLease);
            await CheckAsync();
        }

        private string Told(string what) => $"seed {_seed}, {Crashes} crashes, {_retentionDays} days, bursts of {_burst}: {what}";
    }
}
