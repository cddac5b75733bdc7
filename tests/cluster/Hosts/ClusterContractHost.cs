using OrleansChat.Contract.Tests.Hosts;
using OrleansChat.Core.Actors;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The actors as grains of a cluster.</summary>
internal sealed class ClusterContractHost(TestSilos silos) : IContractHost
{
    public IActorDirectory Actors => silos.Actors;

    public ScriptedChatClient Upstream => silos.Upstream;

    public static async Task<IContractHost> StartAsync() => new ClusterContractHost(await TestSilos.StartAsync());

    public Task RestartAsync(TimeSpan patience) => silos.RestartAsync(patience);

    public Task CrashAsync() => silos.CrashAsync();

    public ValueTask DisposeAsync() => silos.DisposeAsync();
}
