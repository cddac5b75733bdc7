using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using OrleansChat.Bench.Overhead;

namespace OrleansChat.Bench.Overload;

/// <summary>
/// The executable at four times what it sustains: latency alone, then what sixteen callers sustain, then four times as many requests as that at their own pace, whether
/// answered or not, and then alone again. Beside the load, <c>/health</c> is asked ten times a second and the process' memory is read.
/// </summary>
internal static class OverloadBenchmark
{
    private const int Callers = 16;
    private const int Factor = 4;
    private const int Alone = 500;
    private static readonly TimeSpan Sustained = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = ValueOf(arguments, "--seconds", 20);
        var inFlight = ValueOf(arguments, "--in-flight", 4_000);
        await using var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var server = await ChildProcess.StartServerAsync(GatewaySettings.For(upstream.Address).Append(string.Create(CultureInfo.InvariantCulture, $"Gateway:MaxInFlight={inFlight}")));
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 }) { BaseAddress = new Uri(server.Address) };
        http.DefaultRequestHeaders.Add("x-api-key", GatewaySettings.Secret);

        await SustainAsync(http, Sustained);
        var alone = await AloneAsync(http, Alone);
        var rate = await SustainAsync(http, Sustained);
        var before = server.ResidentBytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"alone    median {alone.Median:0.00} ms, p99 {alone.P99:0.00} ms; {Callers} callers sustain {rate:0} a second"));

        using var end = new CancellationTokenSource();
        var health = WatchHealthAsync(http, end.Token);
        var (answered, refused, other) = await OverloadAsync(http, rate * Factor, TimeSpan.FromSeconds(seconds));
        var during = server.ResidentBytes;
        await end.CancelAsync();
        var looks = await health;
        Show("answered", answered);
        Show("refused", refused);
        Show("/health", looks);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"other    {other}"));

        var (began, back) = (Stopwatch.StartNew(), alone with { P99 = double.MaxValue });
        while (back.P99 > 2 * alone.P99 && began.Elapsed < TimeSpan.FromSeconds(30))
            back = await AloneAsync(http, 100);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"after    p99 {back.P99:0.00} ms, {began.Elapsed.TotalSeconds:0.0} s after the end; resident {before >> 20} MiB before, {during >> 20} MiB at the end, {server.ResidentBytes >> 20} MiB after"));
        return 0;
    }

    private static int ValueOf(string[] arguments, string name, int otherwise) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private static void Show(string name, List<double> milliseconds)
    {
        if (milliseconds.Count == 0)
        {
            Console.WriteLine($"{name,-8} none");
            return;
        }

        var times = Latencies.Of(milliseconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-8} {milliseconds.Count}, median {times.Median:0.00} ms, p99 {times.P99:0.00} ms"));
    }

    private static async Task<Latencies> AloneAsync(HttpClient http, int count)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var (status, milliseconds) = await AskAsync(http);
            if (status == HttpStatusCode.OK)
                times.Add(milliseconds);
        }

        return times.Count == 0 ? new Latencies(double.MaxValue, double.MaxValue) : Latencies.Of(times);
    }

    private static async Task<double> SustainAsync(HttpClient http, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            var count = 0;
            for (; watch.Elapsed < time; count++)
                await AskAsync(http);
            return count;
        }));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static async Task<(List<double> Answered, List<double> Refused, int Other)> OverloadAsync(HttpClient http, double perSecond, TimeSpan time)
    {
        var (answered, refused, other) = (new ConcurrentBag<double>(), new ConcurrentBag<double>(), 0);
        var running = new ConcurrentBag<Task>();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var sent = 0; watch.Elapsed < time && await timer.WaitForNextTickAsync();)
        {
            for (; sent < watch.Elapsed.TotalSeconds * perSecond; sent++)
                running.Add(OneAsync());
        }

        await Task.WhenAll(running);
        return ([.. answered], [.. refused], other);

        async Task OneAsync()
        {
            try
            {
                var (status, milliseconds) = await AskAsync(http);
                if (status is HttpStatusCode.OK)
                    answered.Add(milliseconds);
                else if (status is HttpStatusCode.ServiceUnavailable)
                    refused.Add(milliseconds);
                else
                    Interlocked.Increment(ref other);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref other);
            }
        }
    }

    private static async Task<List<double>> WatchHealthAsync(HttpClient load, CancellationToken end)
    {
        // Over a connection of its own, as an operator's.
        using var http = new HttpClient { BaseAddress = load.BaseAddress };
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

    private static async Task<(HttpStatusCode Status, double Milliseconds)> AskAsync(HttpClient http)
    {
        using var body = new StringContent("""{"model":"default","messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json");
        var began = Stopwatch.GetTimestamp();
        using var response = await http.PostAsync("/v1/chat/completions", body);
        await response.Content.ReadAsByteArrayAsync();
        return (response.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }
}
