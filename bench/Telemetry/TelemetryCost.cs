using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Bench.Overhead;
using OrleansChat.Bench.Overload;

namespace OrleansChat.Bench.Telemetry;

/// <summary>
/// What telemetry costs: completions of an upstream that answers at once, by a server with nobody listening and by one with all of it on, which is metrics collected and scraped every
/// second, every trace recorded, and both sent by OTLP to a collector that throws them away. The two take turns, and each pair gives one ratio, of throughput and of the processor time of
/// a request; the latter holds on a busy machine too.
/// </summary>
internal static class TelemetryCost
{
    private const int Callers = 16;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var pairs = arguments is ["--pairs", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 7;
        await using var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var collector = await ChildProcess.StartBenchAsync("telemetry-collector");
        await using var off = await ChildProcess.StartBenchAsync("telemetry-server", upstream.Address);
        await using var on = await ChildProcess.StartBenchAsync("telemetry-server", upstream.Address, collector.Address);
        for (var i = 0; i < 2; i++)
        {
            await MeasureAsync(off, scrape: false);
            await MeasureAsync(on, scrape: true);
        }

        var (rates, costs) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < pairs; pair++)
        {
            // Whoever goes first has the colder machine, so they take turns in that too.
            var (first, second) = pair % 2 == 0 ? (off, on) : (on, off);
            var a = await MeasureAsync(first, first == on);
            var b = await MeasureAsync(second, second == on);
            var (without, with) = pair % 2 == 0 ? (a, b) : (b, a);
            rates.Add(with.PerSecond / without.PerSecond);
            costs.Add(with.Microseconds / without.Microseconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"off {without.PerSecond,8:0}/s {without.Microseconds,6:0} µs   on {with.PerSecond,8:0}/s {with.Microseconds,6:0} µs   throughput {rates[^1]:0.000}, processor time {costs[^1]:0.000}"));
        }

        rates.Sort();
        costs.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio of throughput {rates[pairs / 2]:0.000}, of a request's processor time {costs[pairs / 2]:0.000}"));
        return 0;
    }

    /// <summary>Takes what is sent and keeps nothing.</summary>
    public static Task<int> CollectAsync() => InstantUpstream.ListenAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));

    private static async Task<(double PerSecond, double Microseconds)> MeasureAsync(ChildProcess server, bool scrape)
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
        return (counts.Sum() / watch.Elapsed.TotalSeconds, (server.ProcessorTime - used).TotalMicroseconds / counts.Sum());
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
}
