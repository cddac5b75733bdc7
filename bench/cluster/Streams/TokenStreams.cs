using System.Diagnostics;
using System.Globalization;
using OrleansChat.Cluster.Bench.Processes;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>Streams at 50 tokens a second through one gateway and two silos: how late a token comes, and what it costs.</summary>
internal static class TokenStreams
{
    private const int OpenedAtOnce = 16;
    private const int TokensPerSecond = 50;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = Arguments.Number(args, "--count", 1_000);
        var seconds = Arguments.Number(args, "--seconds", 20);
        await using var cluster = await BenchCluster.StartAsync(silos: 2);
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{BenchRedis.FreePort()}");
        await using var gateway = ChildProcess.Start(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "OrleansChat.ClientGateway.dll"),
            $"--OrleansChat:Urls={url}", $"--OrleansChat:Cluster:Redis={cluster.Redis}", "--OrleansChat:Logging:Level=Error",
            "--OrleansChat:Upstreams:0:Id=paced", "--OrleansChat:Upstreams:0:BaseUrl=http://127.0.0.1:9",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route=paced/any");
        gateway.Ignore();
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        await WaitAsync(http);

        var latencies = new Latencies();
        var streams = new List<TokenStream>(count);
        foreach (var batch in Enumerable.Range(0, count).Chunk(OpenedAtOnce))
        {
            foreach (var stream in await Task.WhenAll(batch.Select(_ => TokenStream.OpenAsync(http))))
            {
                _ = stream.ReadAsync(latencies);
                streams.Add(stream);
            }
        }

        while (streams.Any(static stream => !stream.IsFlowing))
            await Task.Delay(TimeSpan.FromMilliseconds(100));

        await Task.Delay(Settling);
        await MeasureAsync(cluster, gateway, latencies, count, TimeSpan.FromSeconds(seconds));
        foreach (var stream in streams)
            stream.Dispose();

        return 0;
    }

    private static async Task MeasureAsync(BenchCluster cluster, ChildProcess gateway, Latencies latencies, int count, TimeSpan length)
    {
        var self = Process.GetCurrentProcess();
        var (silos, redis, gates, own) = (cluster.SiloTime, cluster.RedisProcess.ProcessorTime, gateway.ProcessorTime, self.TotalProcessorTime);
        var watch = Stopwatch.StartNew();
        latencies.IsCounting = true;
        await Task.Delay(length);
        latencies.IsCounting = false;
        self.Refresh();
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"{count} streams, {latencies.Count / seconds:N0} of {count * TokensPerSecond:N0} tokens a second");
        Console.WriteLine(
            $"added latency: median {latencies.Percentile(0.5)} ms, p99 {latencies.Percentile(0.99)} ms (bound 100), p99.9 {latencies.Percentile(0.999)} ms");
        Console.WriteLine(
            $"processors: silos with the upstream {(cluster.SiloTime - silos).TotalSeconds / seconds:F2}, gateway "
            + $"{(gateway.ProcessorTime - gates).TotalSeconds / seconds:F2}, Redis {(cluster.RedisProcess.ProcessorTime - redis).TotalSeconds / seconds:F2}, "
            + $"client {(self.TotalProcessorTime - own).TotalSeconds / seconds:F2}");
        Console.WriteLine(
            $"a token costs {(cluster.SiloTime - silos + gateway.ProcessorTime - gates).TotalMicroseconds / Math.Max(1, latencies.Count):F1} µs of processor in silos and gateway; "
            + $"gateway {gateway.ResidentBytes / 1_048_576} MiB");
    }

    private static async Task WaitAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                using var ready = await http.GetAsync("/ready");
                if (ready.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }
}
