using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of a cluster.</summary>
public sealed class ClusterSessionHost : ISessionHost, ISessionHostFactory
{
    private readonly TestSilos _silos;
    private readonly bool _isLent;

    private ClusterSessionHost(TestSilos silos, bool isLent)
    {
        _silos = silos;
        _isLent = isLent;
    }

    public IActorDirectory Actors => _silos.Actors;

    public ScriptedChatClient Upstream => _silos.Upstream;

    public static async Task<ISessionHost> StartAsync() => await StartAsync(isLent: false);

    public Task RestartAsync(TimeSpan patience) => _silos.RestartAsync(patience);

    public Task CrashAsync() => _silos.CrashAsync();

    public ValueTask DisposeAsync() => _isLent ? default : _silos.DisposeAsync();

    /// <summary>Starts a host that many tests use, one after the other.</summary>
    internal static async Task<ClusterSessionHost> StartAsync(bool isLent) => new(await TestSilos.StartAsync(), isLent);

    /// <summary>Forgets everything, so that the next test finds what it would find in a host of its own.</summary>
    internal Task ResetAsync() => _silos.ResetAsync();

    /// <summary>Ends a host that was lent.</summary>
    internal ValueTask EndAsync() => _silos.DisposeAsync();
}
