using System.Globalization;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The accuracy harness by hand: runs from fresh seeds, or from a given one upwards, until the time is over.</summary>
internal static class AccuracyBenchmark
{
    private const int StepsOfARun = 150;

    /// <summary>Runs.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="start">Starts a run's host.</param>
    /// <returns>The exit code: 1 where anything deviated.</returns>
    public static async Task<int> RunAsync(string[] arguments, AccuracyHostStart start)
    {
        var seed = (int?)Number(arguments, "--seed");
        var length = TimeSpan.FromMinutes(Number(arguments, "--minutes") ?? (seed is null ? 1 : 0));
        var size = new AccuracySize(
            (int)(Number(arguments, "--gateways") ?? 3), (int)(Number(arguments, "--callers") ?? 24), (int)(Number(arguments, "--keys") ?? 10));
        var started = TimeProvider.System.GetTimestamp();
        var failed = 0;
        var runs = 0;
        do
        {
            var report = await AccuracyRun.RunAsync(seed ?? Random.Shared.Next(), size, start, step => step < StepsOfARun);
            report.Write(Console.Out);
            runs++;
            seed += 1;
            failed += report.Deviations.Count > 0 ? 1 : 0;
        }
        while (TimeProvider.System.GetElapsedTime(started) < length);

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs} runs, {failed} with deviations"));
        return failed == 0 ? 0 : 1;
    }

    private static double? Number(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length && double.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
