using Grpc.Core;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;
using OrleansChat.VectorQdrant.Collections;
using OrleansChat.VectorQdrant.Passages;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Collections;

public sealed class QdrantCollectionsTests
{
    private static readonly CollectionVersion Docs = new("docs", 3);

    private readonly SimulatedQdrant _qdrant = new();

    [Fact]
    public async Task CreateAsync_MakesNamedVectorsIndexesAndAnAlias()
    {
        await TestStore.Over(_qdrant).CreateAsync(Docs, 384, default);
        var create = _qdrant.Requests.OfType<CreateCollection>().Single();
        var dense = create.VectorsConfig.ParamsMap.Map[PayloadKeys.Dense];
        Assert.Equal((384UL, Distance.Cosine), (dense.Size, dense.Distance));
        Assert.Equal(Modifier.Idf, create.SparseVectorsConfig.Map[PayloadKeys.Words].Modifier);
        Assert.Equal(CollectionSchema.Indexes.Select(index => index.Field), _qdrant.Requests.OfType<CreateFieldIndexCollection>().Select(index => index.FieldName));
        Assert.Equal(["orleanschat-docs_v3.data"], _qdrant.Collections);
        Assert.Equal(["orleanschat-docs_v3"], _qdrant.Aliases);
    }

    [Fact]
    public async Task CreateAsync_ThatDiesHalfWay_LeavesNoVersionAndIsFinishedByTheNext()
    {
        var store = TestStore.Over(_qdrant);
        _qdrant.Before = request => request is CreateFieldIndexCollection { FieldName: PayloadKeys.Facts }
            ? throw new RpcException(new Status(StatusCode.Unavailable, "Scripted."))
            : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(async () => await store.CreateAsync(Docs, 2, default));
        await Assert.ThrowsAsync<RequestException>(async () => await store.CountAsync(Docs, default));

        _qdrant.Before = null;
        await store.CreateAsync(Docs, 2, default);
        Assert.Equal(new StoreCounts(0, 0), await store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task CreateAsync_ByManyAtOnce_MakesOneVersion()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TestStore.Over(_qdrant).CreateAsync(Docs, 2, default).AsTask()));
        Assert.Single(_qdrant.Collections);
        Assert.Single(_qdrant.Aliases);
    }

    [Fact]
    public async Task CreateAsync_WithCopies_AsksMostOfThem()
    {
        var store = TestStore.Over(_qdrant, TestStore.Options with { Replicas = 3, Shards = 2 });
        await store.CreateAsync(Docs, 2, default);
        await store.DeleteAsync(Docs, "a", 1, default);
        var create = _qdrant.Requests.OfType<CreateCollection>().Single();
        Assert.Equal((2u, 3u, 2u), (create.ShardNumber, create.ReplicationFactor, create.WriteConsistencyFactor));
        Assert.Equal(WriteOrderingType.Strong, _qdrant.Requests.OfType<UpsertPoints>().Single().Ordering.Type);
        Assert.Equal(ReadConsistencyType.Majority, _qdrant.Requests.OfType<GetPoints>().Single().ReadConsistency.Type);
    }

    [Fact]
    public async Task DropAsync_RemovesTheCollectionThatAnOperatorPutBehindTheAlias()
    {
        var store = TestStore.Over(_qdrant);
        await store.CreateAsync(Docs, 2, default);
        await store.CreateAsync(Docs with { Number = 4 }, 2, default);
        _qdrant.Requests.Clear();
        await store.DropAsync(Docs, default);
        Assert.Equal(["orleanschat-docs_v4.data"], _qdrant.Collections);
        Assert.Equal(["orleanschat-docs_v4"], _qdrant.Aliases);
    }

    [Fact]
    public async Task ACollectionOfSomebodyElse_IsNotTouched()
    {
        var qdrant = TestStore.Over(_qdrant);
        _qdrant.Before = request =>
        {
            if (request is CreateCollection create)
                create.VectorsConfig.ParamsMap.Map.Clear();
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<StorageException>(async () => await qdrant.CreateAsync(Docs, 2, default));
        Assert.Empty(_qdrant.Aliases);
    }
}
