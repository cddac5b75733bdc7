using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;
using OrleansChat.Grains.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of two silos, whose own time goes on while a test moves the actors'.</summary>
public sealed class ClusterHost : IActorHost, IActorHostFactory
{
    private TestSilos _silos = null!;

    private ClusterHost()
    {
    }

    public IActorDirectory Actors => _silos.Actors;

    public FakeClock Clock { get; } = new();

    public TestOptions<OrleansChatOptions> Settings { get; } = new(new OrleansChatOptions());

    public static async Task<IActorHost> StartAsync()
    {
        var host = new ClusterHost();
        host._silos = await TestSilos.StartAsync(new OrleansChatOptions(), services => services
            .AddSingleton<IOptionsMonitor<OrleansChatOptions>>(host.Settings)
            .AddSingleton(new ActorClock(host.Clock)));
        return host;
    }

    public async Task DeactivateAllAsync()
    {
        var management = _silos.Cluster.Client.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero);
    }

    public Task CrashAsync() => _silos.CrashAsync();

    public async ValueTask DisposeAsync() => await _silos.DisposeAsync();
}
