using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.GrainInterfaces.Directory;

namespace OrleansChat.Cluster.Bench.Hosting;

/// <summary>A client of the cluster in this process, as a gateway has it.</summary>
internal sealed class BenchClient : IAsyncDisposable
{
    private readonly IHost _host;

    private BenchClient(IHost host) => _host = host;

    /// <summary>The actors.</summary>
    public IActorDirectory Actors => _host.Services.GetRequiredService<IActorDirectory>();

    /// <summary>The grains.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<BenchClient> StartAsync(string redis)
    {
        var options = BenchSettings.Of(redis);
        var host = new HostBuilder()
            .ConfigureServices(services => services.AddSettings(options))
            .UseOrleansClient(client => client.AddOrleansChatClient().AddActivityPropagation().UseRedisMembers(options.Cluster))
            .Build();
        await host.StartAsync();
        return new BenchClient(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
