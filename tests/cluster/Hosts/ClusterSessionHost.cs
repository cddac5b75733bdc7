using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Grains.Hosting;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of a cluster.</summary>
public sealed class ClusterSessionHost : ISessionHost, ISessionHostFactory
{
    private readonly TestSilos _silos;
    private readonly AheadClock _clock;
    private readonly bool _isLent;

    private ClusterSessionHost(TestSilos silos, AheadClock clock, bool isLent)
    {
        _silos = silos;
        _clock = clock;
        _isLent = isLent;
    }

    public IActorDirectory Actors => _silos.Actors;

    public ScriptedChatClient Upstream => _silos.Upstream;

    public static async Task<ISessionHost> StartAsync() => await StartAsync(isLent: false);

    public void Pass(TimeSpan time) => _clock.Ahead += time;

    public Task RestartAsync(TimeSpan patience) => _silos.RestartAsync(patience);

    public Task CrashAsync() => _silos.CrashAsync();

    public ValueTask DisposeAsync() => _isLent ? default : _silos.DisposeAsync();

    /// <summary>Starts a host that many tests use, one after the other.</summary>
    internal static async Task<ClusterSessionHost> StartAsync(bool isLent)
    {
        var clock = new AheadClock();
        return new ClusterSessionHost(await TestSilos.StartAsync(more: services => services.AddSingleton(new ActorClock(clock))), clock, isLent);
    }

    /// <summary>Forgets everything, so that the next test finds what it would find in a host of its own.</summary>
    internal Task ResetAsync()
    {
        _clock.Ahead = TimeSpan.Zero;
        return _silos.ResetAsync();
    }

    /// <summary>Ends a host that was lent.</summary>
    internal ValueTask EndAsync() => _silos.DisposeAsync();
}
