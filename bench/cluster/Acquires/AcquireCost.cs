using System.Diagnostics;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Pinging;
using OrleansChat.Cluster.Bench.Processes;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Cluster.Bench.Acquires;

/// <summary>
/// An acquire through the client, each caller with a key of its own so that none is merged, and a ping of an empty grain, by turns: processor
/// time of client and silo per call.
/// </summary>
internal static class AcquireCost
{
    private const int Callers = 32;
    private static readonly RateLimits Limits = new() { RequestsPerMinute = 100_000_000, TokensPerMinute = 100_000_000_000, RequestsPerDay = 1_000_000_000 };

    public static async Task<int> RunAsync(string[] args)
    {
        var calls = Arguments.Number(args, "--calls", 200_000);
        var rounds = Arguments.Number(args, "--rounds", 7);
        await using var cluster = await BenchCluster.StartAsync(silos: 1);
        await using var client = await BenchClient.StartAsync(cluster.Redis);
        var ratios = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var ping = await MeasureAsync(cluster, calls, caller => Ping(client.Grains.GetGrain<IPingGrain>($"ping:{caller}")));
            var acquire = await MeasureAsync(cluster, calls, caller => Acquire(client, $"key:{caller}", $"{round}-{caller}"));
            if (round == 0)
                continue;

            ratios.Add(acquire.ProcessorMicroseconds / ping.ProcessorMicroseconds);
            Console.WriteLine(
                $"round {round}: ping {ping.ProcessorMicroseconds,5:F1} µs of processor, {ping.PerSecond,8:N0}/s; "
                + $"acquire {acquire.ProcessorMicroseconds,5:F1} µs, {acquire.PerSecond,8:N0}/s; {ratios[^1]:F2} times");
        }

        ratios.Sort();
        Console.WriteLine($"an acquire costs {ratios[ratios.Count / 2]:F2} times a ping (median of {rounds}; bound 2.5)");
        return 0;
    }

    private static Func<Task> Ping(IPingGrain grain) => async () => await grain.PingAsync();

    private static Func<Task> Acquire(BenchClient client, string scope, string name)
    {
        var count = 0;
        return async () =>
        {
            var request = new RateLimitRequest { OperationId = $"{name}-{count++}", Limits = Limits, Tokens = 500 };
            if (!(await client.Actors.RateLimiter(scope).AcquireAsync(request, default)).Admitted)
                throw new InvalidOperationException("Refused far below the limit.");
        };
    }

    private static async Task<Cost> MeasureAsync(BenchCluster cluster, int calls, Func<int, Func<Task>> prepare)
    {
        var self = Process.GetCurrentProcess();
        var callers = Enumerable.Range(0, Callers).Select(prepare).ToList();
        self.Refresh();
        var before = self.TotalProcessorTime + cluster.SiloTime;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(callers.Select(call => Task.Run(async () =>
        {
            for (var left = calls / Callers; left > 0; left--)
                await call();
        })));
        watch.Stop();
        self.Refresh();
        var used = self.TotalProcessorTime + cluster.SiloTime - before;
        return new Cost(used.TotalMicroseconds / calls, calls / watch.Elapsed.TotalSeconds);
    }

    private sealed record Cost(double ProcessorMicroseconds, double PerSecond);
}
