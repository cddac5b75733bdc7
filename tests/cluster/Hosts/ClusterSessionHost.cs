using OrleansChat.Contract.Tests.Sessions;
using OrleansChat.Core.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of a cluster.</summary>
public sealed class ClusterSessionHost : ISessionHost, ISessionHostFactory
{
    private readonly TestSilos _silos;

    private ClusterSessionHost(TestSilos silos) => _silos = silos;

    public IActorDirectory Actors => _silos.Actors;

    public ScriptedChatClient Upstream => _silos.Upstream;

    public static async Task<ISessionHost> StartAsync() => new ClusterSessionHost(await TestSilos.StartAsync());

    public Task RestartAsync(TimeSpan patience) => _silos.RestartAsync(patience);

    public Task CrashAsync() => _silos.CrashAsync();

    public ValueTask DisposeAsync() => _silos.DisposeAsync();
}
