using System.Diagnostics;
using System.Globalization;

namespace OrleansChat.Bench.Overhead;

/// <summary>
/// What <c>POST /v1/chat/completions</c> costs with keys, limits, budgets and the ledger on: the executable beside a bare forwarder, both before one
/// upstream that answers at once, in turns within the same run. First how many requests each answers when it is never idle, then the latency that
/// the executable adds at half of its own saturation. Neighbours on the machine change times and not the processor time of a request, so
/// that is printed as well, with the share of the forwarder's throughput that follows from it where all parts have the machine for themselves.
/// </summary>
internal static class OverheadBenchmark
{
    /// <summary>Requests after which the compiler has come to rest.</summary>
    private const int WarmUp = 120_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = ValueOf(arguments, "--rounds", 3);
        var time = TimeSpan.FromSeconds(ValueOf(arguments, "--seconds", 5));
        var connections = ValueOf(arguments, "--connections", 32);
        var warmUp = ValueOf(arguments, "--warm-up", WarmUp);
        var isStream = arguments.Contains("--stream");
        using var http = arguments.Contains("--http-clients") ? new HttpClient() : null;

        await using var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var forwarder = await ChildProcess.StartBenchAsync("overhead-forwarder", upstream.Address);
        await using var gateway = await ChildProcess.StartServerAsync(GatewaySettings.For(upstream.Address));
        var bare = new Side(forwarder, upstream, new LoadClients(forwarder.Address, connections, isStream, http));
        var product = new Side(gateway, upstream, new LoadClients(gateway.Address, connections, isStream, http));
        await bare.Clients.AskAsync(warmUp);
        await product.Clients.AskAsync(warmUp);

        var figures = new List<Round>();
        for (var round = 0; round < rounds; round++)
        {
            var most = await bare.SaturateAsync(time);
            var own = await product.SaturateAsync(time);
            var half = own.PerSecond / 2;
            figures.Add(new Round(most, own, await bare.Clients.PaceAsync(half, time), await product.Clients.PaceAsync(half, time)));
            Console.WriteLine(figures[^1]);
        }

        Console.WriteLine(Invariant($"median of {rounds} rounds: {Median(figures, round => round.Ratio):0.00} of the forwarder at saturation, {Median(figures, round => round.ProcessorRatio):0.00} by processor time; at half of saturation {Median(figures, round => round.AddedMedian):0.00} ms more at the median, {Median(figures, round => round.AddedP99):0.00} ms more at p99"));
        return 0;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Median(List<Round> figures, Func<Round, double> figure)
    {
        var sorted = figures.Select(figure).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static int ValueOf(string[] arguments, string name, int otherwise) =>
        Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A server, what is before it and what is behind it.</summary>
    private sealed record Side(ChildProcess Server, ChildProcess Upstream, LoadClients Clients)
    {
        public async Task<Saturation> SaturateAsync(TimeSpan time)
        {
            var server = Server.ProcessorTime;
            var others = Others();
            var perSecond = await Clients.SaturateAsync(time);
            var requests = perSecond * time.TotalSeconds;
            return new Saturation(perSecond, (Server.ProcessorTime - server).TotalMicroseconds / requests, (Others() - others).TotalMicroseconds / requests);
        }

        private TimeSpan Others()
        {
            using var clients = Process.GetCurrentProcess();
            return clients.TotalProcessorTime + Upstream.ProcessorTime;
        }
    }

    /// <summary>Answers a second, and microseconds of processor time of a request: in the server, and in clients and upstream together.</summary>
    private sealed record Saturation(double PerSecond, double ServerMicroseconds, double OtherMicroseconds);

    private sealed record Round(Saturation Bare, Saturation Own, Latencies BareLatency, Latencies OwnLatency)
    {
        public double Ratio => Own.PerSecond / Bare.PerSecond;

        public double ProcessorRatio => (Bare.ServerMicroseconds + Bare.OtherMicroseconds) / (Own.ServerMicroseconds + Bare.OtherMicroseconds);

        public double AddedMedian => OwnLatency.Median - BareLatency.Median;

        public double AddedP99 => OwnLatency.P99 - BareLatency.P99;

        public override string ToString() => Invariant($"""
            saturation {Own.PerSecond:0}/s of {Bare.PerSecond:0}/s ({Ratio:0.00}); processor {Own.ServerMicroseconds:0} µs of {Bare.ServerMicroseconds:0} µs, others {Bare.OtherMicroseconds:0} µs ({ProcessorRatio:0.00})
              at {Own.PerSecond / 2:0}/s: p50 {OwnLatency.Median:0.00} ms (forwarder {BareLatency.Median:0.00}), p99 {OwnLatency.P99:0.00} ms (forwarder {BareLatency.P99:0.00})
            """);
    }
}
