using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Xunit.Abstractions;

namespace OrleansChat.VectorQdrant.Tests;

/// <summary>The contract over a simulated server, by the wire format of the real one.</summary>
public sealed class SimulatedVectorStoreTests(ITestOutputHelper output) : VectorStoreContract(output), IAsyncLifetime
{
    private SimulatedQdrantServer _server = null!;
    private QdrantConnection _connection = null!;

    protected override async Task<IVectorStore> OpenAsync()
    {
        _server = await SimulatedQdrantServer.StartAsync();
        var options = TestStore.Options with { Url = _server.Url, CommitDelay = TimeSpan.FromMilliseconds(100) };
        _connection = new QdrantConnection(options, TimeProvider.System);
        return new QdrantVectorStore(_connection, options, TimeProvider.System, NullLogger<QdrantVectorStore>.Instance);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        _connection.Dispose();
        await _server.DisposeAsync();
    }
}
