using Google.Protobuf;
using Grpc.Core;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using OrleansChat.VectorQdrant.Passages;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests;

/// <summary>What the store does step by step, and what is left when a step fails.</summary>
public sealed class QdrantVectorStoreTests
{
    private const string Alias = "orleanschat-docs_v1";
    private static readonly CollectionVersion Docs = new("docs", 1);

    private readonly SimulatedQdrant _qdrant = new();

    [Fact]
    public async Task PutAsync_UploadsInBatchesThatWaitAndWritesTheHeadLast()
    {
        var store = await CreateAsync(TestStore.Options with { BatchPassages = 2 });
        await PutAsync(store, 7, "1", "2", "3", "4", "5");
        var upserts = _qdrant.Requests.OfType<UpsertPoints>().ToArray();
        Assert.Equal([2, 2, 1, 1], upserts.Select(upsert => upsert.Points.Count));
        Assert.All(upserts, upsert => Assert.True(upsert.Wait));
        Assert.All(upserts[..3], upsert => Assert.Null(upsert.UpdateFilter));
        var condition = Assert.Single(upserts[3].UpdateFilter.Must).Field;
        Assert.Equal((PayloadKeys.Revision, 7d), (condition.Key, condition.Range.Lte));
        Assert.Empty(upserts[3].Points[0].Vectors.Vectors_.Vectors);
    }

    [Fact]
    public async Task PutAsync_WaitsBetweenUploadAndHead()
    {
        var clock = new FakeClock();
        var store = await CreateAsync(TestStore.Options, clock);
        var put = PutAsync(store, 1, "one");
        await TestWait.UntilAsync(() => clock.ActiveTimers == 1);
        Assert.DoesNotContain(_qdrant.PointsOf(Alias), IsHead);
        clock.Advance(TestStore.Options.CommitDelay);
        Assert.True(await put);
    }

    [Fact]
    public async Task PutAsync_WhoseTimerComesEarly_WaitsForTheRest()
    {
        var clock = new EarlyClock();
        var store = await CreateAsync(TestStore.Options, clock);
        var put = PutAsync(store, 1, "one");
        await TestWait.UntilAsync(() => clock.Started == 1);
        clock.Advance(TestStore.Options.CommitDelay - EarlyClock.Early);
        await TestWait.UntilAsync(() => clock.Started == 2);
        Assert.DoesNotContain(_qdrant.PointsOf(Alias), IsHead);
        clock.Advance(EarlyClock.Early);
        Assert.True(await put);
    }

    [Fact]
    public async Task PutAsync_ThatDiesBeforeTheHead_LeavesTheOldDocumentAndIsCleanedUpByTheNext()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "old");
        _qdrant.Before = request => IsHeadWrite(request) ? throw Failure(StatusCode.Unavailable) : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => PutAsync(store, 2, "lost", "lost"));
        _qdrant.Before = null;

        Assert.Equal(["old"], await TextsAsync(store));
        Assert.Equal(4, _qdrant.PointsOf(Alias).Count);
        await PutAsync(store, 3, "new");
        Assert.Equal(["new"], await TextsAsync(store));
        Assert.Equal(2, _qdrant.PointsOf(Alias).Count);
    }

    [Fact]
    public async Task PutAsync_RepeatedAfterAnUnknownEnd_IsInPlaceOnce()
    {
        var store = await CreateAsync();
        _qdrant.After = request => IsHeadWrite(request) ? throw Failure(StatusCode.DeadlineExceeded) : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => PutAsync(store, 1, "one"));
        _qdrant.After = null;
        Assert.True(await PutAsync(store, 1, "one"));
        Assert.Equal(new StoreCounts(1, 1), await store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task PutAsync_WhoseCleaningFails_IsInPlaceAllTheSame()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "old");
        _qdrant.Before = request => request is DeletePoints ? throw Failure(StatusCode.Internal) : Task.CompletedTask;
        Assert.True(await PutAsync(store, 2, "new"));
        Assert.Equal(["new"], await TextsAsync(store));
    }

    [Fact]
    public async Task PutAsync_OvertakenByAHigherRevision_LeavesNothingBehind()
    {
        var store = await CreateAsync();
        var held = new TaskCompletionSource();
        _qdrant.Before = request => IsHeadWrite(request) && RevisionOf(request) == 1 ? held.Task : Task.CompletedTask;
        var slow = PutAsync(store, 1, "slow");
        Assert.True(await PutAsync(store, 2, "fast"));
        held.SetResult();
        Assert.False(await slow);
        Assert.Equal(["fast"], await TextsAsync(store));
        Assert.Equal(2, _qdrant.PointsOf(Alias).Count);
    }

    [Fact]
    public async Task SearchAsync_BeforeTheHeadIsWritten_ShowsTheOldDocument()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "old", "old");
        var (held, reached) = (new TaskCompletionSource(), new TaskCompletionSource());
        _qdrant.Before = request =>
        {
            if (!IsHeadWrite(request))
                return Task.CompletedTask;
            reached.TrySetResult();
            return held.Task;
        };
        var put = PutAsync(store, 2, "new", "new");
        await reached.Task;
        Assert.Equal(["old", "old"], await TextsAsync(store));
        held.SetResult();
        await put;
        Assert.Equal(["new", "new"], await TextsAsync(store));
    }

    [Fact]
    public async Task SearchAsync_DuringWhichTheDocumentIsReplaced_ShowsTheNewOneInWhole()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "old", "old");
        var (held, reached) = (new TaskCompletionSource(), new TaskCompletionSource());
        _qdrant.Before = request =>
        {
            if (request is not GetPoints || !reached.TrySetResult())
                return Task.CompletedTask;
            return held.Task;
        };
        var search = TextsAsync(store);
        await reached.Task;
        await PutAsync(store, 2, "new", "new", "new");
        held.SetResult();
        Assert.Equal(["new", "new", "new"], await search);
    }

    [Fact]
    public async Task SearchAsync_WhereSupersededPassagesComeFirst_AsksAgainWithoutThem()
    {
        var store = await CreateAsync();
        _qdrant.Before = request => request is DeletePoints ? throw Failure(StatusCode.Internal) : Task.CompletedTask;
        await PutAsync(store, 1, "fox fox", "fox fox");
        await PutAsync(store, 2, "a fox among much else");
        Assert.Equal(["a fox among much else"], await TextsAsync(store, limit: 2));
        var last = _qdrant.Requests.OfType<QueryPoints>().Last();
        Assert.Equal(2, Assert.Single(last.Filter.MustNot).HasId.HasId.Count);
    }

    [Fact]
    public async Task SearchAsync_WherePassagesWithoutAHeadComeFirst_FindsTheOldDocument()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "among much else there is a");
        _qdrant.Before = request => IsHeadWrite(request) ? throw Failure(StatusCode.Unavailable) : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => PutAsync(store, 2, "fox", "fox"));
        Assert.Equal(["among much else there is a"], await TextsAsync(store, limit: 2));
    }

    [Fact]
    public async Task SearchAsync_ThatSkippedPassagesWhoseHeadIsWrittenThen_ShowsThem()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "old");
        var (head, uploaded, second) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var queries = 0;
        _qdrant.Before = request =>
        {
            if (IsHeadWrite(request))
            {
                uploaded.TrySetResult();
                return head.Task;
            }

            return request is QueryPoints && Interlocked.Increment(ref queries) == 2 ? second.Task : Task.CompletedTask;
        };
        var put = PutAsync(store, 2, "fox", "fox");
        await uploaded.Task;
        var search = TextsAsync(store, limit: 2);
        await TestWait.UntilAsync(() => Volatile.Read(ref queries) == 2);
        head.SetResult();
        await put;
        second.SetResult();
        Assert.Equal(["fox", "fox"], await search);
    }

    [Fact]
    public async Task DeleteAsync_ForgetsDeletionsOlderThanItsMemory()
    {
        var clock = new FakeClock();
        var store = await CreateAsync(TestStore.Options, clock);
        await store.DeleteAsync(Docs, "a", 1, default);
        clock.Advance(TestStore.Options.DeletionMemory - TimeSpan.FromSeconds(1));
        await store.DeleteAsync(Docs, "b", 2, default);
        Assert.Equal(2, _qdrant.PointsOf(Alias).Count);
        clock.Advance(TimeSpan.FromSeconds(2));
        await store.DeleteAsync(Docs, "c", 3, default);
        Assert.Equal(["b", "c"], _qdrant.PointsOf(Alias).Select(point => point.Payload[PayloadKeys.Document].StringValue).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task FindAsync_OfManyIds_AsksInBatches()
    {
        var store = await CreateAsync();
        await PutAsync(store, 1, "one");
        var found = await store.FindAsync(Docs, [.. Enumerable.Range(0, 2_500).Select(i => $"d{i}"), "a"], default);
        Assert.Equal("a", Assert.Single(found).Key);
        Assert.Equal([1_000, 1_000, 501], _qdrant.Requests.OfType<GetPoints>().TakeLast(3).Select(request => request.Ids.Count));
    }

    [Fact]
    public async Task SearchAsync_ThatIsGivenUp_IsCancelled()
    {
        var store = await CreateAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await store.SearchAsync(
            Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox" }, new CancellationToken(canceled: true)));
    }

    private async Task<IVectorStore> CreateAsync(Core.Settings.QdrantOptions? options = null, TimeProvider? time = null)
    {
        var store = TestStore.Over(_qdrant, options, time);
        await store.CreateAsync(Docs, 2, default);
        return store;
    }

    private static async Task<bool> PutAsync(IVectorStore store, long revision, params string[] texts) => await store.PutAsync(
        Docs,
        new DocumentPassages(
            new StoredDocument("a", revision, "hash", texts.Length),
            [.. texts.Select((text, i) => new EmbeddedPassage(new IndexedPassage { DocumentId = "a", Ordinal = i, Text = text + " fox" }, new float[] { 1, 0 }))]),
        default);

    private static async Task<IEnumerable<string>> TextsAsync(IVectorStore store, int limit = 10)
    {
        var hits = await store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox", Limit = limit }, default);
        return hits.Select(hit => hit.Passage.Text[..^" fox".Length]);
    }

    private static bool IsHead(PointStruct point) => point.Payload[PayloadKeys.Type].StringValue == PayloadKeys.Head;

    private static bool IsHeadWrite(IMessage request) => request is UpsertPoints { UpdateFilter: not null };

    private static long RevisionOf(IMessage request) => ((UpsertPoints)request).Points[0].Payload[PayloadKeys.Revision].IntegerValue;

    private static RpcException Failure(StatusCode code) => new(new Status(code, "Scripted."));
}
