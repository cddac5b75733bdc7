using System.Diagnostics;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Processes;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Cluster.Bench.Acquires;

/// <summary>One client process of <see cref="HotKey"/>: many callers that ask again as soon as they are answered, until they are refused.</summary>
internal static class HotKeyCaller
{
    public const string Verb = "hot-key-caller";
    public const string Ready = "ready";
    public const string Done = "done";

    private const int WarmShare = 20;

    public static async Task<int> RunAsync(string[] args)
    {
        var limit = Arguments.Number(args, "--limit", 0);
        var callers = Arguments.Number(args, "--callers", 0);
        await using var client = await BenchClient.StartAsync(Arguments.Text(args, "--redis"));
        await HammerAsync(client, "key:warm", limit / WarmShare, callers);
        Console.WriteLine(Ready);
        await Console.In.ReadLineAsync();
        var result = await HammerAsync(client, "key:hot", limit, callers);
        Console.WriteLine($"{Done} {result}");
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task<HotKeyResult> HammerAsync(BenchClient client, string scope, int limit, int callers)
    {
        var limits = new RateLimits { RequestsPerDay = limit };
        var process = Guid.CreateVersion7().ToString();
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var (admitted, last, waits) = (0, started, new List<double>());
            while (true)
            {
                var asked = Stopwatch.GetTimestamp();
                var request = new RateLimitRequest { OperationId = $"{process}/{caller}-{admitted}", Limits = limits, Tokens = 500 };
                var decision = await client.Actors.RateLimiter(scope).AcquireAsync(request, default);
                if (!decision.Admitted)
                    return (admitted, last, waits);

                last = Stopwatch.GetTimestamp();
                waits.Add(Stopwatch.GetElapsedTime(asked, last).TotalMilliseconds);
                admitted++;
            }
        })));
        var all = counts.SelectMany(count => count.waits).Order().ToList();
        return new HotKeyResult(
            counts.Sum(count => count.admitted),
            counts.Sum(count => count.admitted + 1),
            Stopwatch.GetElapsedTime(started, counts.Max(count => count.last)).TotalSeconds,
            all.Count > 0 ? all[all.Count / 2] : 0);
    }
}
