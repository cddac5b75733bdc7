using System.Diagnostics;
using System.Globalization;

namespace OrleansChat.Bench.Day;

/// <summary>Runs a day's turns in ten parts, and reads after each what the process holds; or several days, and reads at the end of each.</summary>
internal static class DayBenchmark
{
    private const int Parts = 10;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var days = ValueOf(arguments, "--days", 1);
        var turns = ValueOf(arguments, "--turns", days == 1 ? 100_000 : 20_000);
        if (days == 1)
            await RunOneAsync(turns);
        else
            await RunManyAsync(days, turns);

        return 0;
    }

    private static async Task RunOneAsync(int turns)
    {
        await using var day = await DayRun.StartAsync();
        var watch = Stopwatch.StartNew();
        await day.TurnAsync(turns / Parts / 2);
        Write("warm", await day.ReadAsync(), watch);
        for (var part = 1; part <= Parts; part++)
        {
            await day.TurnAsync(turns / Parts);
            Write(string.Create(CultureInfo.InvariantCulture, $"{part * (turns / Parts)} turns"), await day.ReadAsync(), watch);
        }
    }

    /// <summary>Days of as many turns each, of which ledgers keep one whole day: from the second on, nothing grows.</summary>
    private static async Task RunManyAsync(int days, int turns)
    {
        await using var run = await DayRun.StartDaysAsync(retentionDays: 1);
        var watch = Stopwatch.StartNew();
        for (var day = 1; day <= days; day++)
        {
            await run.TurnAsync(turns);
            await run.CompactAsync();
            Write(string.Create(CultureInfo.InvariantCulture, $"day {day}"), await run.ReadAsync(), watch);
            await run.NextDayAsync();
        }
    }

    private static int ValueOf(string[] arguments, string name, int otherwise) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private static void Write(string what, DayReading reading, Stopwatch watch) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,14}   {reading}   {watch.Elapsed.TotalSeconds:0} s"));
}
