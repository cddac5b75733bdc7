using System.Globalization;
using System.Text;
using OrleansChat.Bench.Overhead;

namespace OrleansChat.Bench.Overload;

/// <summary>What <c>/health</c> costs of the server's processors: under full load it is late by what is to be done for it.</summary>
internal static class HealthBenchmark
{
    private const int Callers = 4;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var time = TimeSpan.FromSeconds(Search.Arguments.Number(arguments, "--seconds", 5));
        await using var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        await using var server = await ChildProcess.StartServerAsync([.. GatewaySettings.For(upstream.Address)]);
        var address = new Uri(server.Address);
        foreach (var (name, header) in new[] { ("anybody", ""), ("a key", $"x-api-key: {GatewaySettings.Secret}\r\n") })
        {
            var request = Encoding.ASCII.GetBytes($"GET /health HTTP/1.1\r\nHost: {address.Authority}\r\n{header}\r\n");
            await AskAsync(address, request, WarmUp);
            var used = server.ProcessorTime;
            var count = await AskAsync(address, request, time);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"/health for {name}: {(server.ProcessorTime - used).TotalMicroseconds / count:0.0} µs of the server's processors, {count} answers"));
        }

        return 0;
    }

    private static async Task<int> AskAsync(Uri server, byte[] request, TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            using var connection = new RawConnection(server, request);
            var count = 0;
            while (!end.IsCancellationRequested)
                count += (await connection.AskAsync()).Status is 200 ? 1 : 0;
            return count;
        }));
        return counts.Sum();
    }
}
