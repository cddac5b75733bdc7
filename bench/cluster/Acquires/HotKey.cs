using System.Diagnostics;
using System.Globalization;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Pinging;
using OrleansChat.Cluster.Bench.Processes;

namespace OrleansChat.Cluster.Bench.Acquires;

/// <summary>One key from two client processes until its limit is used up: how fast, and whether exactly the limit was admitted.</summary>
internal static class HotKey
{
    private const int Clients = 2;
    private const int Pings = 200_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var limit = Arguments.Number(args, "--limit", 2_000_000);
        var callers = Arguments.Number(args, "--callers", 1_000);
        await using var cluster = await BenchCluster.StartAsync(silos: 1);
        await ShowPingsAsync(cluster);
        var clients = Enumerable.Range(0, Clients).Select(_ => ChildProcess.StartSelf(
            HotKeyCaller.Verb, "--redis", cluster.Redis,
            "--limit", limit.ToString(CultureInfo.InvariantCulture), "--callers", callers.ToString(CultureInfo.InvariantCulture))).ToList();
        try
        {
            foreach (var client in clients)
                await client.WaitAsync(HotKeyCaller.Ready);

            var (silo, own) = (cluster.SiloTime, Sum(clients));
            foreach (var client in clients)
                await client.TellAsync("go");

            var results = new List<HotKeyResult>();
            foreach (var client in clients)
                results.Add(HotKeyResult.Parse(await client.WaitAsync(HotKeyCaller.Done)));

            (silo, own) = (cluster.SiloTime - silo, Sum(clients) - own);
            var asked = results.Sum(result => result.Asked);
            var admitted = results.Sum(result => result.Admitted);
            var seconds = results.Max(result => result.LastAdmission);
            Console.WriteLine(
                $"admitted {admitted:N0} of a limit of {limit:N0} in {seconds:F2} s: {admitted / seconds:N0}/s (bound 150,000), "
                + $"{silo.TotalMicroseconds / asked:F2} µs of processor each in the silo and {own.TotalMicroseconds / asked:F2} in the clients, "
                + $"{(silo + own).TotalSeconds / seconds:F2} processors, median {results.Average(result => result.MedianMilliseconds):F1} ms");
            if (admitted == limit)
                return 0;

            Console.Error.WriteLine("Not exactly the limit.");
            return 1;
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private static TimeSpan Sum(List<ChildProcess> processes) =>
        processes.Aggregate(TimeSpan.Zero, static (sum, process) => sum + process.ProcessorTime);

    private static async Task ShowPingsAsync(BenchCluster cluster)
    {
        await using var client = await BenchClient.StartAsync(cluster.Redis);
        var grain = client.Grains.GetGrain<IPingGrain>("one");
        for (var round = 0; round < 3; round++)
        {
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, 128).Select(_ => Task.Run(async () =>
            {
                for (var left = Pings / 128; left > 0; left--)
                    await grain.PingAsync();
            })));
            if (round == 2)
                Console.WriteLine($"bare pings from one client, 128 at once: {Pings / watch.Elapsed.TotalSeconds:N0}/s");
        }
    }
}
