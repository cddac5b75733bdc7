using System.Diagnostics;
using System.Globalization;
using OrleansChat.Bench.Overhead;

namespace OrleansChat.Bench.Overload;

/// <summary>
/// The executable at four times what it sustains: latency alone, then what some callers sustain, then four times as many requests as that at their own pace, whether
/// answered or not, and then alone again. Beside the load, <c>/health</c> is asked ten times a second and the process' memory is read. The upstream answers at once, so that the executable is
/// what is overloaded, or has so many places at which a request takes so long, so that the upstream is.
/// </summary>
internal static class OverloadBenchmark
{
    private const int Callers = 16;
    private const int Alone = 2_000;
    private const int AloneAtPlaces = 200;
    private const int OnceAgain = 500;

    // What the refusal says: a second or less.
    private static readonly TimeSpan AfterARefusal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Sustained = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAfterwards = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EachLook = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = ValueOf(arguments, "--seconds", 20);
        var factor = ValueOf(arguments, "--factor", 4);
        string[] settings = arguments.Index().FirstOrDefault(argument => argument.Item == "--set") is (var at, not null) ? [.. arguments[(at + 1)..]] : [];
        var places = ValueOf(arguments, "--upstream-places", 0);
        var callers = ValueOf(arguments, "--callers", places > 0 ? places : Callers);
        var count = places > 0 ? AloneAtPlaces : Alone;
        await using var upstream = places > 0
            ? await ChildProcess.StartBenchAsync("overload-upstream", TextOf(arguments, "--upstream-places")!, TextOf(arguments, "--upstream-latency") ?? "40")
            : await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var server = await ChildProcess.StartServerAsync([.. GatewaySettings.For(upstream.Address), .. settings], TextOf(arguments, "--server-on"));
        var address = new Uri(server.Address);
        var request = RawConnection.Completion(address, GatewaySettings.Secret);

        await SustainAsync(address, request, callers, Sustained);
        var alone = await AloneAsync(address, request, count);
        var used = server.ProcessorTime;
        var sustained = await SustainAsync(address, request, callers, Sustained);
        var each = (server.ProcessorTime - used) / sustained;
        var (rate, before) = (sustained / Sustained.TotalSeconds, server.ResidentBytes);
        Write($"alone    median {alone.Median:0.00} ms, p99 {alone.P99:0.00} ms; {callers} callers sustain {rate:0} a second, each {each.TotalMicroseconds:0} µs of the server's processors");

        using var end = new CancellationTokenSource();
        using var load = new PacedLoad(address, request, ValueOf(arguments, "--connections", 2_000));
        await load.OpenAsync();
        var connected = server.ResidentBytes;
        var health = WatchHealthAsync(address, end.Token);
        var memory = WatchMemoryAsync(server, end.Token);
        used = server.ProcessorTime;
        var clock = Stopwatch.StartNew();
        await load.RunAsync(rate * factor, TimeSpan.FromSeconds(seconds));
        var (busy, during) = (server.ProcessorTime - used, server.ResidentBytes);
        Write($"load     {rate * factor:0} a second for {seconds} s: {(load.Answered.Count + load.Refused.Count) / clock.Elapsed.TotalSeconds:0} a second answered or refused, {load.Unsent} not sent, {load.Other} other");
        await end.CancelAsync();
        Show("answered", load.Answered, $"; {Latencies.Of(load.Answered).P99 / alone.P99:0.00} times p99 alone");
        Show("refused", load.Refused, $"; {(busy - (each * load.Answered.Count)).TotalMicroseconds / Math.Max(1, load.Refused.Count):0} µs of the server's processors each, if what was answered took {each.TotalMicroseconds:0}");
        Show("/health", await health, $"");
        Write($"resident every {EachLook.TotalSeconds:0} s of the load: {string.Join(", ", (await memory).Select(static bytes => bytes >> 20))} MiB");

        var (began, back) = (Stopwatch.StartNew(), alone with { P99 = double.MaxValue });
        while (back.P99 > 2 * alone.P99 && began.Elapsed < TimeSpan.FromSeconds(30))
            back = await AloneAsync(address, request, (int)Math.Min(OnceAgain, LookAfterwards.TotalMilliseconds / alone.Median));
        Write($"after    p99 {back.P99:0.00} ms, {began.Elapsed.TotalSeconds:0.0} s after the end; resident {before >> 20} MiB before, {connected >> 20} MiB with the connections of the load open, {during >> 20} MiB at the end, {server.ResidentBytes >> 20} MiB after");
        return 0;
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static int ValueOf(string[] arguments, string name, int otherwise) =>
        TextOf(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string? TextOf(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;

    private static void Show(string name, List<double> milliseconds, FormattableString more)
    {
        if (milliseconds.Count == 0)
        {
            Console.WriteLine($"{name,-8} none");
            return;
        }

        var times = Latencies.Of(milliseconds);
        Write($"{name,-8} {milliseconds.Count}, median {times.Median:0.00} ms, p99 {times.P99:0.00} ms{more.ToString(CultureInfo.InvariantCulture)}");
    }

    private static async Task<Latencies> AloneAsync(Uri server, byte[] request, int count)
    {
        var times = new List<double>(count);
        using var connection = new RawConnection(server, request);
        for (var i = 0; i < count; i++)
        {
            var (status, milliseconds) = await connection.AskAsync();
            if (status is 200)
                times.Add(milliseconds);
        }

        return times.Count == 0 ? new Latencies(double.MaxValue, double.MaxValue) : Latencies.Of(times);
    }

    private static async Task<int> SustainAsync(Uri server, byte[] request, int callers, TimeSpan time)
    {
        var connections = Enumerable.Range(0, callers).Select(_ => new RawConnection(server, request)).ToList();
        await RawConnection.OpenAsync(connections);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(connections.Select(async (connection, at) =>
        {
            // One after the other, as people come.
            await Task.Delay(time / 10 * at / callers);
            var count = 0;
            while (watch.Elapsed < time)
            {
                if ((await connection.AskAsync()).Status is 200)
                    count++;
                else
                    await Task.Delay(AfterARefusal);
            }

            connection.Dispose();
            return count;
        }));
        return counts.Sum();
    }

    private static async Task<List<long>> WatchMemoryAsync(ChildProcess server, CancellationToken end)
    {
        using var timer = new PeriodicTimer(EachLook);
        var sizes = new List<long>();
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                sizes.Add(server.ResidentBytes);
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        return sizes;
    }

    private static async Task<List<double>> WatchHealthAsync(Uri server, CancellationToken end)
    {
        // Over a connection of its own, as an operator's.
        using var http = new HttpClient { BaseAddress = server };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var times = new List<double>();
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                var began = Stopwatch.GetTimestamp();
                await http.GetStringAsync("/health", CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        return times;
    }
}
