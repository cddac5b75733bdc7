using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Bench.Overhead;
using OrleansChat.Bench.Overload;

namespace OrleansChat.Bench.Telemetry;

/// <summary>
/// What telemetry costs: completions of an upstream that answers at once, by a server with nobody listening and by two with all of it on, which is metrics collected and scraped every
/// second, traces recorded, and both sent by OTLP to a collector that throws them away: one records as many traces as settings allow by default, the other that of every request. The three
/// take turns, and each round gives their ratios, of throughput and of the processor time of a request; the latter holds on a busy machine too.
/// </summary>
internal static class TelemetryCost
{
    private const int Callers = 16;
    private const int WarmUps = 4;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments is ["--pairs", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 7;
        await using var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var collector = await ChildProcess.StartBenchAsync("telemetry-collector");
        await using var off = await ChildProcess.StartBenchAsync("telemetry-server", upstream.Address);
        await using var shipped = await ChildProcess.StartBenchAsync("telemetry-server", upstream.Address, collector.Address);
        await using var every = await ChildProcess.StartBenchAsync("telemetry-server", upstream.Address, collector.Address, "0");
        (string Name, ChildProcess Server, List<Cost> Costs)[] kinds = [("off", off, []), ("on, as by default", shipped, []), ("on, every trace", every, [])];
        for (var round = -WarmUps; round < rounds; round++)
        {
            // Whoever goes first has the colder machine, so they take turns in that too.
            foreach (var at in Enumerable.Range(0, kinds.Length))
            {
                var (_, server, costs) = kinds[(at + round + WarmUps) % kinds.Length];
                var cost = await MeasureAsync(server, scrape: server != off);
                if (round >= 0)
                    costs.Add(cost);
            }

            if (round >= 0)
                Console.WriteLine(string.Join("   ", kinds.Select(static kind => $"{kind.Name} {kind.Costs[^1]}")));
        }

        foreach (var (name, _, costs) in kinds[1..])
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: median ratio of throughput {Median(static cost => cost.PerSecond):0.000}, of a request's processor time {Median(static cost => cost.Microseconds):0.000}"));

            double Median(Func<Cost, double> of) => costs.Zip(kinds[0].Costs, (with, without) => of(with) / of(without)).Order().ElementAt(rounds / 2);
        }

        return 0;
    }

    /// <summary>Takes what is sent and keeps nothing.</summary>
    public static Task<int> CollectAsync() => InstantUpstream.ListenAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));

    private static async Task<Cost> MeasureAsync(ChildProcess server, bool scrape)
    {
        var address = new Uri(server.Address);
        var request = RawConnection.Completion(address, "any");
        using var end = new CancellationTokenSource(Round);
        var (watch, used) = (Stopwatch.StartNew(), server.ProcessorTime);
        var scraping = scrape ? ScrapeAsync(address, end.Token) : Task.CompletedTask;
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            using var connection = new RawConnection(address, request);
            var calls = 0;
            for (; !end.IsCancellationRequested; calls++)
            {
                if ((await connection.AskAsync()).Status is not StatusCodes.Status200OK and var status)
                    throw new InvalidOperationException($"The server answered with {status}.");
            }

            return calls;
        }));
        await scraping;
        return new Cost(counts.Sum() / watch.Elapsed.TotalSeconds, (server.ProcessorTime - used).TotalMicroseconds / counts.Sum());
    }

    private static async Task ScrapeAsync(Uri server, CancellationToken end)
    {
        using var client = new HttpClient { BaseAddress = server };
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                await client.GetStringAsync("/metrics", CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private sealed record Cost(double PerSecond, double Microseconds)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:0}/s {Microseconds:0.0} µs");
    }
}
