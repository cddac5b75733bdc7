using System.Diagnostics;
using OrleansChat.Bench.Search;

namespace OrleansChat.Bench.Soak;

/// <summary>Runs a soak and prints what it saw.</summary>
internal static class SoakBenchmark
{
    private const int DefaultDisconnects = 10_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var seed = Arguments.Number(args, "--seed", Random.Shared.Next());
        var minutes = Arguments.Real(args, "--minutes", 0);
        var disconnects = Arguments.Number(args, "--disconnects", minutes > 0 ? int.MaxValue : DefaultDisconnects);
        var start = Stopwatch.GetTimestamp();
        Console.WriteLine($"seed {seed}");
        var report = await SoakRun.RunAsync(
            seed,
            seen => seen.Disconnects < disconnects && (minutes <= 0 || Stopwatch.GetElapsedTime(start).TotalMinutes < minutes),
            Arguments.Number(args, "--chats", 32),
            Arguments.Real(args, "--connections-per-second", 0));
        report.Write(Console.Out);
        Console.WriteLine($"{Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of processor time, {Environment.WorkingSet >> 20} MiB resident at the end");
        return report.Deviations.IsEmpty ? 0 : 1;
    }
}
