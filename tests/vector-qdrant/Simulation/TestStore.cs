using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>Stores over a simulated server.</summary>
internal static class TestStore
{
    public static QdrantOptions Options { get; } = new() { CommitDelay = TimeSpan.FromMilliseconds(10) };

    public static IVectorStore Over(SimulatedQdrant qdrant, QdrantOptions? options = null, TimeProvider? time = null) => new QdrantVectorStore(
        new QdrantConnection(options ?? Options, time ?? TimeProvider.System, qdrant), options ?? Options, time ?? TimeProvider.System, NullLogger<QdrantVectorStore>.Instance);
}
