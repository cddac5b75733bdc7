using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
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
        private readonly int _retentionDays;
        private readonly string _zone;
        private readonly BudgetCalendar _calendar;
        private readonly List<LedgerEntry> _booked = [];
        private LedgerHost _host = null!;
        private int _operations;
        private int _crashes;

        public Round(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            _retentionDays = _random.Next(1, 4);
            _zone = Zones[_random.Next(Zones.Length)];
            _calendar = new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(_zone));
        }

        private DateTimeOffset Now => _world.Clock.GetUtcNow();

        public async Task<int> RunAsync(int steps)
        {
            await OpenAsync();
            for (var step = 0; step < steps; step++)
            {
                _world.Clock.Advance(TimeSpan.FromMinutes(_random.Next(8) == 0 ? _random.Next(3_000) : _random.Next(300)));
                if (_random.Next(2) == 0)
                    _host.DieAt(_random.Next(1, 9), written: _random.Next(2) == 0);

                if (_random.Next(8) == 0)
                    await LapseAsync();

                for (var i = _random.Next(25); i > 0; i--)
                    await SettleAsync($"{_operations++}", Subject(), NewUsage(), _random.Next(1_000));

                if (_random.Next(10) == 0)
                    await EndInOrderAsync();

                await IdleAsync();
                if (_random.Next(4) == 0)
                    await CheckAsync();
            }

            await EndAsync();
            return _crashes;
        }

        private LedgerSubject Subject() =>
            new($"k{_random.Next(2)}", _random.Next(2) == 0 ? null : "t", $"s{_random.Next(99)}", $"m{_random.Next(3)}", _random.Next(4) == 0 ? null : "u");

        private TokenUsage NewUsage() => new(_random.Next(100), _random.Next(100), _random.Next(5) == 0) { CachedInputTokens = _random.Next(9), ReasoningTokens = _random.Next(9) };

        private async Task SettleAsync(string id, LedgerSubject subject, TokenUsage usage, long nanoUsd, long charged = 0, bool isCorrection = false)
        {
            var saved = _random.Next(3);
            await RepeatAsync(async tracker =>
            {
                await tracker.SettleAsync(new CostSettlement(id, subject, usage, nanoUsd) { SavedNanoUsd = saved }, default);
                return true;
            });
            _booked.Add(new LedgerEntry(id, Now, subject, usage, nanoUsd - charged) { SavedNanoUsd = saved, IsCorrection = isCorrection });
        }

        /// <summary>A caller goes away with a reservation that is on record, and may come back.</summary>
        private async Task LapseAsync()
        {
            var (id, subject, nanoUsd) = ($"{_operations++}", Subject(), _random.Next(1_000));
            await RepeatAsync(async tracker =>
            {
                await tracker.ReserveAsync(new CostReservationRequest { OperationId = id, NanoUsd = nanoUsd, Subject = subject }, default);
                return await tracker.RenewAsync(id, RateLimitRequest.DefaultLease, default);
            });
            var end = Now + RateLimitRequest.DefaultLease;
            _world.Clock.Advance(RateLimitRequest.DefaultLease * (1 + _random.NextDouble()));
            await RepeatAsync(async tracker =>
            {
                await tracker.DescribeAsync(null, default);
                return true;
            });
            _booked.Add(new LedgerEntry(id, end, subject, TokenUsage.Zero with { Estimated = true }, nanoUsd) { LeaseExpired = true });
            if (_random.Next(2) != 0)
                return;

            _world.Clock.Advance(TimeSpan.FromHours(_random.Next(23)));
            await SettleAsync(id, subject, NewUsage(), _random.Next(1_000), nanoUsd, isCorrection: true);
        }

        /// <summary>Calls until a host lives to answer.</summary>
        private async Task RepeatAsync(Func<CostTrackerActor, ValueTask<bool>> call)
        {
            while (true)
            {
                var host = _host;
                var answer = host.RunAsync(call);
                if (await Task.WhenAny(answer, host.Dead) == answer && !host.Dead.IsCompleted)
                {
                    Assert.True(await answer, Told("not done"));
                    return;
                }

                await CrashedAsync();
            }
        }

        private async Task CrashedAsync()
        {
            _crashes++;

            // In an upgrade an older version may take over for a while.
            if (_random.Next(8) == 0)
                await _world.ForgetCondensedAsync();

            await OpenAsync();
            if (_random.Next(2) == 0)
                _host.DieAt(_random.Next(1, 9), written: _random.Next(2) == 0);
        }

        private async Task OpenAsync()
        {
            _host = new LedgerHost(_world, _retentionDays, _zone);
            await _host.RunAsync(async tracker =>
            {
                await tracker.ActivateAsync(default);
                return true;
            });
        }

        private async Task EndInOrderAsync()
        {
            _host.Spare();
            if (_host.Dead.IsCompleted)
                await CrashedAsync();

            _host.Spare();
            await _host.RunAsync(async tracker =>
            {
                await tracker.DeactivateAsync(default);
                return true;
            });
            await OpenAsync();
        }

        /// <summary>Lets everything run that can.</summary>
        private async Task IdleAsync()
        {
            await _host.SettleDownAsync();
            if (_host.Dead.IsCompleted)
                await CrashedAsync();
        }

        private async Task CheckAsync()
        {
            if (_host.Dead.IsCompleted)
                await CrashedAsync();

            _host.Spare();
            var spent = (await _host.RunAsync(tracker => tracker.DescribeAsync(null, default))).SpentNanoUsd;
            var entries = await ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
            Assert.True(spent == entries.Sum(entry => entry.NanoUsd), Told($"{spent} spent, {entries.Sum(entry => entry.NanoUsd)} in entries"));
            Same(_booked, entries);

            // A period of whole days, of either kind.
            var day = _calendar.DayOf(Now.AddDays(-_random.Next(8)).UtcTicks);
            await SamePeriodAsync(_calendar.StartOf(day), _calendar.StartOf(day + _random.Next(1, 6)));
            var midnight = new DateTimeOffset(Now.UtcDateTime.Date.AddDays(-_random.Next(8)), TimeSpan.Zero);
            await SamePeriodAsync(midnight, midnight.AddDays(_random.Next(1, 6)));
        }

        private async Task SamePeriodAsync(DateTimeOffset from, DateTimeOffset to) =>
            Same(_booked.Where(entry => entry.SettledAt >= from && entry.SettledAt < to), await ReadAsync(from, to));

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

        private Task<List<LedgerEntry>> ReadAsync(DateTimeOffset from, DateTimeOffset to) =>
            _host.RunAsync(async tracker => await LedgerWorld.ReadAsync(tracker, from, to));

        /// <summary>With no further crash, all that is old is condensed, and nothing is left of it.</summary>
        private async Task EndAsync()
        {
            if (_host.Dead.IsCompleted)
                await CrashedAsync();

            _host.Spare();
            _world.Clock.Advance(TimeSpan.FromDays(_retentionDays + 2));
            for (var i = 0; i < 30; i++)
                await SettleAsync($"{_operations++}", Subject(), NewUsage(), _random.Next(1_000));

            await EndInOrderAsync();
            await TestWait.UntilAsync(async () =>
            {
                await _host.SettleDownAsync();
                var record = _world.Record;
                return record.Condensed is { } condensed && condensed.Cleared == condensed.Pages && _world.HeldPages == record.Pages - condensed.Pages;
            });
            await CheckAsync();
            var boundary = Now.AddDays(-_retentionDays);
            var old = (await ReadAsync(DateTimeOffset.MinValue, boundary.AddDays(-1))).Where(entry => entry.SumOf == 0).ToList();
            Assert.True(old.Count < 60, Told($"{old.Count} entries are not condensed"));
        }

        private string Told(string what) => $"seed {_seed}, {_crashes} crashes, {_zone}, {_retentionDays} days: {what}";
    }
}
