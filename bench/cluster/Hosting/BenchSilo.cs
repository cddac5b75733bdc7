using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansChat.Cluster.Bench.Processes;
using OrleansChat.Cluster.Bench.Streams;
using OrleansChat.Core.Upstreams;
using OrleansChat.Silo.Clustering;
using OrleansChat.Silo.Hosting;

namespace OrleansChat.Cluster.Bench.Hosting;

/// <summary>A silo as it is shipped, with an upstream of the benchmark's and the ping grain, which come with this assembly.</summary>
internal static class BenchSilo
{
    public const string Verb = "silo";
    public const string Ready = "ready";

    public static async Task<int> RunAsync(string[] args)
    {
        var options = BenchSettings.Of(
            Arguments.Text(args, "--redis"), Arguments.Number(args, "--silo-port", 0), Arguments.Number(args, "--gateway-port", 0));
        using var host = new HostBuilder()
            .ConfigureServices(services =>
            {
                services.AddSingleton<IUpstreams>(new PacedUpstreams(TimeProvider.System));
                services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Error).AddConsole()).AddSiloDomain(options, isLocal: true);
            })
            .UseOrleans(silo => silo.AddOrleansChatSilo(options, isLocal: false))
            .Build();
        await host.StartAsync();
        Console.WriteLine(Ready);
        await Console.In.ReadLineAsync();
        await host.StopAsync();
        return 0;
    }
}
