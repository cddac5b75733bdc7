using OrleansChat.Contract.Tests.Sessions;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>One cluster for many tests of sessions, one test at a time.</summary>
public sealed class SessionCluster : IAsyncLifetime
{
    private ClusterSessionHost _host = null!;

    public async Task InitializeAsync() => _host = await ClusterSessionHost.StartAsync(isLent: true);

    public async Task DisposeAsync() => await _host.EndAsync();

    /// <summary>The cluster, as though it had just been started.</summary>
    public async Task<ISessionHost> LendAsync()
    {
        await _host.ResetAsync();
        return _host;
    }
}

/// <summary>The tests that share a <see cref="SessionCluster"/>.</summary>
[CollectionDefinition(Name)]
public sealed class SessionClusterGroup : ICollectionFixture<SessionCluster>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "sessions";
}
