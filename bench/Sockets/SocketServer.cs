using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Sockets;

/// <summary>The product with an upstream inside, as a process of its own: <c>sockets-server RATE TOKENS</c>.</summary>
internal static class SocketServer
{
    public static async Task<int> RunAsync(string rate, string tokens)
    {
        var clock = new TokenClock(TimeProvider.System, int.Parse(rate, CultureInfo.InvariantCulture));
        using var upstreams = new TokenUpstreams(clock, int.Parse(tokens, CultureInfo.InvariantCulture));
        var options = new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "paced", BaseUrl = "http://127.0.0.1:9" }],
            Models = [new ModelOptions { Id = "default", Route = ["paced/any"] }],
            Sessions = new SessionOptions { Summaries = false, Passages = 0 },
        };
        await using var server = await BenchServer.StartAsync(options, services => services.AddSingleton<IUpstreams>(upstreams));
        Console.WriteLine($"listening on {server.Address}");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
