using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Tests.Costs.Ledgers;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs.Condensing;

/// <summary>
/// A ledger whose host dies before or after any of its writes while old pages are condensed, held against a list of all that was booked: sums, groups and periods that begin and
/// end with days are the same from entries, from sums of days and from any mixture of them.
/// </summary>
public sealed class CondensingCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Host_ThatDiesAtAnyWrite_LosesNothingAndCountsNothingTwice()
    {
        var random = Seed.Print(output);
        var crashes = 0;
        for (var round = 0; round < 40; round++)
            crashes += await new Round(random.Next()).RunAsync(60);

        Assert.True(crashes > 200, $"{crashes} crashes");
    }

    private sealed class Round
    {
        private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];

        private readonly int _seed;
        private readonly Random _random;
        private readonly LedgerWorld _world = new();
        private readonly MortalLedger _ledger;
        private readonly int _retentionDays;
        private readonly string _zone;
        private readonly BudgetCalendar _calendar;
        private readonly List<LedgerEntry> _booked = [];
        private int _operations;

        public Round(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            _retentionDays = _random.Next(1, 4);
            _zone = Zones[_random.Next(Zones.Length)];
            _calendar = new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(_zone));
            _ledger = new MortalLedger(_world, _random, _retentionDays, _zone, mostWrites: 9);
        }

        private DateTimeOffset Now => _world.Clock.GetUtcNow();

        public async Task<int> RunAsync(int steps)
        {
            await _ledger.OpenAsync();
            for (var step = 0; step < steps; step++)
            {
                _world.Clock.Advance(TimeSpan.FromMinutes(_random.Next(8) == 0 ? _random.Next(3_000) : _random.Next(300)));
                if (_random.Next(2) == 0)
                    _ledger.Doom();

                if (_random.Next(8) == 0)
                    await LapseAsync();

                for (var i = _random.Next(25); i > 0; i--)
                    await SettleAsync($"{_operations++}", Subject(), NewUsage(), _random.Next(1_000));

                if (_random.Next(10) == 0)
                    await _ledger.EndInOrderAsync();

                await _ledger.IdleAsync();
                if (_random.Next(4) == 0)
                    await CheckAsync();
            }

            await EndAsync();
            return _ledger.Crashes;
        }

        private LedgerSubject Subject() =>
            new($"k{_random.Next(2)}", _random.Next(2) == 0 ? null : "t", $"s{_random.Next(99)}", $"m{_random.Next(3)}", _random.Next(4) == 0 ? null : "u");

        private TokenUsage NewUsage() => new(_random.Next(100), _random.Next(100), _random.Next(5) == 0) { CachedInputTokens = _random.Next(9), ReasoningTokens = _random.Next(9) };

        private async Task SettleAsync(string id, LedgerSubject subject, TokenUsage usage, long nanoUsd, long charged = 0, bool isCorrection = false)
        {
            var saved = _random.Next(3);
            await _ledger.CallAsync(tracker => tracker.SettleAsync(new CostSettlement(id, subject, usage, nanoUsd) { SavedNanoUsd = saved }, default).AsTask());
            _booked.Add(new LedgerEntry(id, Now, subject, usage, nanoUsd - charged) { SavedNanoUsd = saved, IsCorrection = isCorrection });
        }

        /// <summary>A caller goes away with a reservation that is on record, and may come back.</summary>
        private async Task LapseAsync()
        {
            var (id, subject, nanoUsd) = ($"{_operations++}", Subject(), _random.Next(1_000));
            var isOpen = await _ledger.CallAsync(async tracker =>
            {
                await tracker.ReserveAsync(new CostReservationRequest { OperationId = id, NanoUsd = nanoUsd, Subject = subject }, default);
                return await tracker.RenewAsync(id, RateLimitRequest.DefaultLease, default);
            });
            Assert.True(isOpen, Told($"{id} is not open"));
            var end = Now + RateLimitRequest.DefaultLease;
            _world.Clock.Advance(RateLimitRequest.DefaultLease * (1 + _random.NextDouble()));
            await _ledger.CallAsync(tracker => tracker.DescribeAsync(null, default));
            _booked.Add(new LedgerEntry(id, end, subject, TokenUsage.Zero with { Estimated = true }, nanoUsd) { LeaseExpired = true });
            if (_random.Next(2) != 0)
                return;

            _world.Clock.Advance(TimeSpan.FromHours(_random.Next(23)));
            await SettleAsync(id, subject, NewUsage(), _random.Next(1_000), nanoUsd, isCorrection: true);
        }

        private async Task CheckAsync()
        {
            await _ledger.SpareAsync();
            var spent = (await _ledger.CallAsync(tracker => tracker.DescribeAsync(null, default))).SpentNanoUsd;
            var entries = await _ledger.ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
            Assert.True(spent == entries.Sum(entry => entry.NanoUsd), Told($"{spent} spent, {entries.Sum(entry => entry.NanoUsd)} in entries"));
            Same(_booked, entries);

            // A period of whole days, of either kind.
            var day = _calendar.DayOf(Now.AddDays(-_random.Next(8)).UtcTicks);
            await SamePeriodAsync(_calendar.StartOf(day), _calendar.StartOf(day + _random.Next(1, 6)));
            var midnight = new DateTimeOffset(Now.UtcDateTime.Date.AddDays(-_random.Next(8)), TimeSpan.Zero);
            await SamePeriodAsync(midnight, midnight.AddDays(_random.Next(1, 6)));
        }

        private async Task SamePeriodAsync(DateTimeOffset from, DateTimeOffset to) =>
            Same(_booked.Where(entry => entry.SettledAt >= from && entry.SettledAt < to), await _ledger.ReadAsync(from, to));

        private void Same(IEnumerable<LedgerEntry> booked, List<LedgerEntry> read)
        {
            var expected = booked.ToList();
            Func<LedgerEntry, string>[] groupings =
            [
                static entry => $"{entry.SettledAt.UtcDateTime:yyyy-MM-dd} {entry.Subject.Model}",
                entry => $"{_calendar.DayOf(entry.SettledAt.UtcTicks)} {entry.Subject.KeyId}",
                static entry => entry.Subject.Team ?? "",
                static entry => entry.Subject.Upstream ?? "",
            ];
            foreach (var grouping in groupings)
            {
                var (right, found) = (LedgerTotals.By(expected, grouping), LedgerTotals.By(read, grouping));
                Assert.True(right.SequenceEqual(found), Told($"{string.Join('\n', right)}\nbecame\n{string.Join('\n', found)}"));
            }
        }

        /// <summary>With no further crash, all that is old is condensed, and nothing is left of it.</summary>
        private async Task EndAsync()
        {
            await _ledger.SpareAsync();
            _world.Clock.Advance(TimeSpan.FromDays(_retentionDays + 2));
            for (var i = 0; i < 30; i++)
                await SettleAsync($"{_operations++}", Subject(), NewUsage(), _random.Next(1_000));

            await _ledger.EndInOrderAsync();
            await _ledger.UntilAsync(() => _world.Record is { Condensed: { } condensed } record
                && condensed.Cleared == condensed.Pages && _world.HeldPages == record.Pages - condensed.Pages);
            await CheckAsync();
            var boundary = Now.AddDays(-_retentionDays);
            var old = (await _ledger.ReadAsync(DateTimeOffset.MinValue, boundary.AddDays(-1))).Where(entry => entry.SumOf == 0).ToList();
            Assert.True(old.Count < 60, Told($"{old.Count} entries are not condensed"));
        }

        private string Told(string what) => $"seed {_seed}, {_ledger.Crashes} crashes, {_zone}, {_retentionDays} days: {what}";
    }
}
