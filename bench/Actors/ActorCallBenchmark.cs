using System.Diagnostics;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Bench.Actors;

/// <summary>What a call to a warm local actor costs when its method does next to nothing: the mailbox, the reference and the result.</summary>
internal static class ActorCallBenchmark
{
    private const int Runs = 7;
    private const int Calls = 1_000_000;

    public static async Task<int> RunAsync()
    {
        await using var host = await BenchHost.StartAsync(new OrleansChatOptions());
        var actors = host.Get<IActorDirectory>();
        var nanoseconds = new List<double>();
        var bytes = new List<double>();
        for (var run = 0; run <= Runs; run++)
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var started = Stopwatch.GetTimestamp();
            for (var call = 0; call < Calls; call++)
                await actors.CircuitBreaker("warm").DescribeAsync(CancellationToken.None);

            // The first run warms up.
            if (run == 0)
                continue;

            nanoseconds.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / Calls);
            bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)Calls);
        }

        Console.WriteLine($"warm local call: {Median(nanoseconds):F0} ns, {Median(bytes):F0} B allocated (medians of {Runs} runs of {Calls:N0} calls)");
        return 0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
