using System.Diagnostics;
using System.Globalization;

namespace OrleansChat.Bench.Day;

/// <summary>Runs a day's turns in ten parts, and reads after each what the process holds.</summary>
internal static class DayBenchmark
{
    private const int Parts = 10;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var turns = arguments is ["--turns", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 100_000;
        await using var day = await DayRun.StartAsync();
        var watch = Stopwatch.StartNew();
        await day.TurnAsync(turns / Parts / 2);
        Write("warm", await day.ReadAsync(), watch);
        for (var part = 1; part <= Parts; part++)
        {
            await day.TurnAsync(turns / Parts);
            Write(string.Create(CultureInfo.InvariantCulture, $"{part * (turns / Parts)} turns"), await day.ReadAsync(), watch);
        }

        return 0;
    }

    private static void Write(string what, DayReading reading, Stopwatch watch) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,14}   {reading}   {watch.Elapsed.TotalSeconds:0} s"));
}
