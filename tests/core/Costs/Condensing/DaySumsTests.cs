using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Condensing;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs.Condensing;

public sealed class DaySumsTests(ITestOutputHelper output)
{
    private static readonly LedgerSubject Subject = new("k", "t", "s", "m", "u");
    private static readonly DateTimeOffset Noon = new(2030, 6, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Sum_OfOneDay_DropsOperationAndSession_AndSaysHowManyItStandsFor()
    {
        var sums = new DaySums(new BudgetCalendar(TimeZoneInfo.Utc));
        var usage = new TokenUsage(5, 4) { CachedInputTokens = 3, CacheWriteInputTokens = 2, ReasoningTokens = 1 };
        sums.Add(new LedgerEntry("a", Noon, Subject, usage, 7) { SavedNanoUsd = 1, FreeTokens = 2, FreeNanoUsd = 3 });
        sums.Add(new LedgerEntry("b", Noon.AddHours(1), Subject with { SessionId = null }, usage, 8) { SavedNanoUsd = 10, FreeTokens = 20, FreeNanoUsd = 30 });

        var sum = new LedgerEntry(
            "",
            new DateTimeOffset(2030, 6, 3, 0, 0, 0, TimeSpan.Zero),
            Subject with { SessionId = null },
            new TokenUsage(10, 8) { CachedInputTokens = 6, CacheWriteInputTokens = 4, ReasoningTokens = 2 },
            15)
        {
            SavedNanoUsd = 11,
            FreeTokens = 22,
            FreeNanoUsd = 33,
            SumOf = 2,
        };
        Assert.Equal([sum], sums.ToList());
    }

    [Fact]
    public void Sums_AreApart_WhereverAReportCanTellEntriesApart()
    {
        var entry = new LedgerEntry("a", Noon, Subject, new TokenUsage(1, 1), 1);
        LedgerEntry[] entries =
        [
            entry,
            entry with { Subject = Subject with { KeyId = "l" } },
            entry with { Subject = Subject with { Team = null } },
            entry with { Subject = Subject with { Model = "n" } },
            entry with { Subject = Subject with { Upstream = null } },
            entry with { Usage = entry.Usage with { Estimated = true } },
            entry with { LeaseExpired = true },
            entry with { IsCorrection = true },
            entry with { SettledAt = Noon.AddDays(1) },
        ];
        var sums = new DaySums(new BudgetCalendar(TimeZoneInfo.Utc));
        foreach (var one in entries.Concat(entries))
            sums.Add(one);

        Assert.Equal(Enumerable.Repeat(2L, entries.Length), sums.ToList().Select(sum => sum.SumOf));
    }

    [Theory]
    [InlineData("Asia/Kolkata")]
    [InlineData("America/New_York")]
    [InlineData("America/Sao_Paulo")]
    public void Day_EndsAtMidnightOfTheTimeZoneAndOfUtc_SoThatReportsByEitherAreExact(string zoneId)
    {
        var random = Seed.Print(output);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneId);
        var calendar = new BudgetCalendar(zone);
        var sums = new DaySums(calendar);
        var entries = Enumerable.Range(0, 500)
            .Select(i => new LedgerEntry($"{i}", Noon.AddMinutes(random.Next(400 * 1_440)), Subject, new TokenUsage(i, 1), random.Next(-50, 100)))
            .ToList();
        entries.ForEach(sums.Add);

        Assert.Equal(LedgerTotals.By(entries, ByUtc), LedgerTotals.By(sums.ToList(), ByUtc));
        Assert.Equal(LedgerTotals.By(entries, ByZone), LedgerTotals.By(sums.ToList(), ByZone));

        string ByUtc(LedgerEntry entry) => $"{entry.SettledAt.UtcDateTime:yyyy-MM-dd}";
        string ByZone(LedgerEntry entry) => $"{calendar.DayOf(entry.SettledAt.UtcTicks)}";
    }

    [Fact]
    public void Sums_OfSums_AreWhatSumsOfTheirEntriesAre()
    {
        var random = Seed.Print(output);
        var calendar = new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"));
        var (all, parts) = (new DaySums(calendar), new DaySums(calendar));
        for (var part = 0; part < 10; part++)
        {
            var sums = new DaySums(calendar);
            for (var i = 0; i < 100; i++)
            {
                var entry = new LedgerEntry($"{i}", Noon.AddHours(random.Next(100)), Subject with { Model = $"{random.Next(3)}" }, new TokenUsage(i, 1), random.Next(100));
                sums.Add(entry);
                all.Add(entry);
            }

            sums.ToList().ForEach(parts.Add);
        }

        Assert.Equal(all.ToList().ToHashSet(), parts.ToList().ToHashSet());
    }

    [Fact]
    public void Sum_ThatWouldLeave64Bits_IsTwo()
    {
        var sums = new DaySums(new BudgetCalendar(TimeZoneInfo.Utc));
        for (var i = 0; i < 10; i++)
            sums.Add(new LedgerEntry($"{i}", Noon, Subject, TokenUsage.Zero, 1) { SavedNanoUsd = NanoUsd.Most });

        var list = sums.ToList();
        Assert.Equal([9L, 1L], list.Select(sum => sum.SumOf));
        Assert.Equal(10 * (Int128)NanoUsd.Most, list.Aggregate(Int128.Zero, (sum, entry) => sum + entry.SavedNanoUsd));
    }
}
