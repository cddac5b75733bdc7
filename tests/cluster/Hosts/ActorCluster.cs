using OrleansChat.Contract.Tests.Hosting;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>One cluster for many tests of actors, one test at a time: starting silos takes longer than most of what they show.</summary>
public sealed class ActorCluster : IAsyncLifetime
{
    private ClusterHost _host = null!;

    public async Task InitializeAsync() => _host = await ClusterHost.StartAsync(isLent: true);

    public async Task DisposeAsync() => await _host.EndAsync();

    /// <summary>The cluster, as though it had just been started.</summary>
    public async Task<IActorHost> LendAsync()
    {
        await _host.ResetAsync();
        return _host;
    }
}

/// <summary>The tests that share an <see cref="ActorCluster"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ActorClusterGroup : ICollectionFixture<ActorCluster>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "actors";
}
