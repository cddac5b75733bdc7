using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using Xunit.Abstractions;

namespace OrleansChat.VectorQdrant.Tests.Server;

/// <summary>The contract against the server at <c>QDRANT_URL</c>, with the key in <c>QDRANT_API_KEY</c> if it needs one.</summary>
public sealed class QdrantServerTests(ITestOutputHelper output) : VectorStoreContract(output)
{
    protected override Task<IVectorStore> OpenAsync()
    {
        var options = new QdrantOptions
        {
            Url = Environment.GetEnvironmentVariable("QDRANT_URL") ?? throw new InvalidOperationException("QDRANT_URL was set when this was built, and is not now."),
            ApiKey = Environment.GetEnvironmentVariable("QDRANT_API_KEY"),
            CollectionPrefix = "orleanschat-tests-",
        };
        return Task.FromResult<IVectorStore>(new QdrantVectorStore(
            new QdrantConnection(options, TimeProvider.System), options, TimeProvider.System, NullLogger<QdrantVectorStore>.Instance));
    }
}
