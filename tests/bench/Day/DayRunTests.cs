using OrleansChat.Bench.Day;
using Xunit.Abstractions;

namespace OrleansChat.Bench.Tests.Day;

/// <summary>A short piece of the day: what the process holds after it is what it held before.</summary>
public sealed class DayRunTests(ITestOutputHelper output)
{
    private const int Turns = 300;

    /// <summary>What a turn may leave for good: its entry in the ledgers of the key, the team and the organisation.</summary>
    private const int BytesOfATurn = 1_500;

    [Fact]
    public async Task Turns_OfSessionsThatAreRemoved_LeaveNothingButTheirEntriesInLedgers()
    {
        await using var day = await DayRun.StartAsync();
        await day.TurnAsync(Turns);
        var before = await day.ReadAsync();
        await day.TurnAsync(Turns);
        var after = await day.ReadAsync();
        output.WriteLine($"{before}\n{after}");
        Assert.InRange(after.Handles, 1, before.Handles + 20);
        Assert.InRange(after.Live, 1, before.Live + (Turns * BytesOfATurn));
    }

    [Fact]
    public async Task Days_BeyondTheRetention_LeaveNoMoreThanSums()
    {
        await using var run = await DayRun.StartDaysAsync(retentionDays: 1);
        var readings = new List<DayReading>();
        for (var day = 1; day <= 5; day++)
        {
            await run.TurnAsync(Turns);
            await run.CompactAsync();
            readings.Add(await run.ReadAsync());
            output.WriteLine($"day {day}: {readings[^1]}");
            await run.NextDayAsync();
        }

        // Two days are kept, and a page or two that is still to be condensed.
        Assert.InRange(readings[4].Live, 1, readings[1].Live + (Turns * BytesOfATurn / 2));
    }
}
