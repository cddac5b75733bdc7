using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Bench.Journal;

/// <summary>
/// Durable saves a second from 200 concurrent writers of 1 KB, and the time to reopen about 1 GB. The folder is on the disk under test:
/// <c>-- journal [FOLDER]</c>, by default in the current directory.
/// </summary>
internal static class JournalBenchmark
{
    private const int Writers = 200;
    private const int ValueBytes = 1024;
    private const int SavesPerRun = 200_000;
    private const int Runs = 5;
    private const long ReopenBytes = 1L << 30;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var folder = Path.Combine(arguments.Length > 0 ? arguments[0] : ".", "journal-bench-" + Guid.NewGuid().ToString("N"));
        try
        {
            var saves = new List<double>();
            for (var run = 0; run < Runs; run++)
                saves.Add(await MeasureSavesAsync(Path.Combine(folder, run.ToString(CultureInfo.InvariantCulture))));
            Print("durable saves/s", saves, "N0");
            Directory.Delete(folder, recursive: true);

            var bytes = await FillAsync(folder);
            var reopens = new List<double>();
            for (var run = 0; run < Runs; run++)
                reopens.Add(await MeasureReopenAsync(folder));
            Print($"seconds to reopen {bytes / 1e9:F2} GB", reopens, "F2");
            return 0;
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> MeasureSavesAsync(string folder)
    {
        await using var journal = await OpenAsync(folder);
        var value = RandomValue();
        var left = SavesPerRun;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
                await journal.PutAsync($"bench/{writer}/{number % 500}", value, null, CancellationToken.None);
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var statistics = journal.Statistics;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {SavesPerRun / elapsed.TotalSeconds:N0} saves/s, {(double)statistics.Writes / statistics.Commits:F0} a flush, last flush {statistics.LastFlush.TotalMilliseconds:F2} ms"));
        return SavesPerRun / elapsed.TotalSeconds;
    }

    private static async Task<long> FillAsync(string folder)
    {
        await using var journal = await OpenAsync(folder);
        var value = RandomValue();
        var left = ReopenBytes / ValueBytes;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
                await journal.PutAsync($"bench/{number}", value, null, CancellationToken.None);
        })));
        return journal.Statistics.LiveBytes;
    }

    private static async Task<double> MeasureReopenAsync(string folder)
    {
        await using var journal = await OpenAsync(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {journal.Recovery.Keys} keys, {journal.Recovery.Segments} segments, {journal.Recovery.Elapsed.TotalSeconds:F2} s"));
        return journal.Recovery.Elapsed.TotalSeconds;
    }

    private static Task<Standalone.Journal.Journal> OpenAsync(string folder) => Standalone.Journal.Journal.OpenAsync(
        new JournalOptions { DataDirectory = folder },
        TimeProvider.System,
        NullLogger<Standalone.Journal.Journal>.Instance,
        CancellationToken.None);

    private static byte[] RandomValue()
    {
        var value = new byte[ValueBytes];
        new Random(1).NextBytes(value);
        return value;
    }

    private static void Print(string what, List<double> runs, string format)
    {
        runs.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: median {runs[runs.Count / 2].ToString(format, CultureInfo.InvariantCulture)}, " +
            $"{runs[0].ToString(format, CultureInfo.InvariantCulture)} to {runs[^1].ToString(format, CultureInfo.InvariantCulture)} over {runs.Count} runs"));
    }
}
