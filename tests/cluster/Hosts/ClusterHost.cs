using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.Grains.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of two silos, whose own time goes on while a test moves the actors'.</summary>
public sealed class ClusterHost : IActorHost, IActorHostFactory
{
    private readonly CurrentClock _clock = new();
    private readonly bool _isLent;
    private TestSilos _silos = null!;

    private ClusterHost(bool isLent) => _isLent = isLent;

    public static int CrashRounds => LongRuns.Of(1);

    public IActorDirectory Actors => _silos.Actors;

    public FakeClock Clock => _clock.Current;

    public RecordedAlerts Alerts { get; } = new();

    public TestOptions<OrleansChatOptions> Settings { get; } = new(new OrleansChatOptions());

    public static async Task<IActorHost> StartAsync() => await StartAsync(isLent: false);

    public async Task DeactivateAllAsync()
    {
        var management = _silos.Cluster.Client.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero);
    }

    public Task CrashAsync() => _silos.CrashAsync();

    public ValueTask DisposeAsync() => _isLent ? default : _silos.DisposeAsync();

    /// <summary>Starts a host that many tests use, one after the other.</summary>
    internal static async Task<ClusterHost> StartAsync(bool isLent)
    {
        var host = new ClusterHost(isLent);
        host._silos = await TestSilos.StartAsync(new OrleansChatOptions(), services => services
            .AddSingleton<IOptionsMonitor<OrleansChatOptions>>(host.Settings)
            .AddSingleton<IBudgetAlertChannel>(host.Alerts)
            .AddSingleton(new ActorClock(host._clock)));
        return host;
    }

    /// <summary>Forgets everything, so that the next test finds what it would find in a host of its own.</summary>
    internal async Task ResetAsync()
    {
        await _silos.ResetAsync();
        _clock.Current = new FakeClock();
        Alerts.Clear();
        Settings.Change(new OrleansChatOptions());
    }

    /// <summary>Ends a host that was lent.</summary>
    internal ValueTask EndAsync() => _silos.DisposeAsync();
}
