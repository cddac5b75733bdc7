using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search.Migrations;

/// <summary>A worker that stands still for longer than its lease, while another one takes the work over and ends the migration.</summary>
public sealed class StalledWorkerTests : IAsyncLifetime
{
    private static readonly CollectionVersion Old = new("docs", 1);
    private static readonly CollectionVersion New = new("docs", 2);

    private readonly SearchBench _bench = new();
    private readonly TaskCompletionSource _reached = new();
    private readonly TaskCompletionSource _woken = new();
    private HeldStore _stalling = null!;

    public async Task InitializeAsync()
    {
        _bench.Embedder.OtherModels = new Dictionary<string, int> { ["wide"] = 31, ["narrow"] = 19 };
        await _bench.CreateAsync();
        await _bench.IndexAsync([.. Enumerable.Range(0, 5).Select(i => MigrationTests.Document(i, "old"))]);
        _stalling = new HeldStore(_bench.Store);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Copying_OfADocumentDeletedMeanwhile_DoesNotBringItBack()
    {
        await StartAsync();
        var stalled = await StallAsync(nameof(IVectorStore.PutAsync), New, "d1");

        // The deletion does not reach the new version, as its caller is not told: the migration follows it.
        await RunOtherAsync(onValidation: async () =>
        {
            _bench.Log.BeforeWrite = key => key == PassageLogKey.Of(New, "d1") ? throw new StorageException("The disk is full.") : Task.CompletedTask;
            Assert.True(await _bench.Indexer.DeleteAsync("docs", "d1", default));
            _bench.Log.BeforeWrite = null;
        });
        Assert.Equal(["d0", "d2", "d3", "d4"], await ServedAsync(2));

        await WakeAsync(stalled);
        Assert.Equal(["d0", "d2", "d3", "d4"], await ServedAsync(2));
    }

    [Fact]
    public async Task Copying_OfADocumentThatTheNewVersionNeverHad_DoesNotBringItBack()
    {
        await StartAsync();
        var stalled = await StallAsync(nameof(IVectorStore.PutAsync), New, "d1");

        // A writer who dies before it has reached the new version.
        var ticket = (await _bench.Collection("docs").BeginIngestionAsync(1, default))!;
        Assert.True(await _bench.Store.DeleteAsync(Old, "d1", ticket.FirstRevision, default));
        await RunOtherAsync();
        await WakeAsync(stalled);

        Assert.Equal(["d0", "d2", "d3", "d4"], await ServedAsync(2));
    }

    [Fact]
    public async Task Copying_OfADocumentChangedSinceTheSwitch_LeavesItAsItIs()
    {
        await StartAsync();
        var stalled = await StallAsync(nameof(IVectorStore.PutAsync), New, "d1");
        await RunOtherAsync();
        await _bench.IndexAsync(MigrationTests.Document(1, "new"));
        await _bench.Indexer.DeleteAsync("docs", "d2", default);
        await WakeAsync(stalled);

        Assert.Equal(["d0", "d1", "d3", "d4"], await ServedAsync(2));
        Assert.Equal("new number one1", (await _bench.FindAsync("number one1"))[0].Text);
    }

    [Fact]
    public async Task Pruning_OfADocumentThatCameAgainSinceTheSwitch_LeavesIt()
    {
        var id = await MigrateAsync();
        await _bench.Indexer.DeleteAsync("docs", "d1", default);
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
        var stalled = await StallAsync(nameof(IVectorStore.DeleteAsync), Old, "d1");
        await RunOtherAsync();
        Assert.Equal(["d0", "d2", "d3", "d4"], await ServedAsync(1));
        await _bench.IndexAsync(MigrationTests.Document(1, "old"));
        await WakeAsync(stalled);

        Assert.Equal(["d0", "d1", "d2", "d3", "d4"], await ServedAsync(1));
    }

    [Fact]
    public async Task Pruning_OfADocumentWhoseUploadBeganTwoSwitchesAgo_LeavesIt()
    {
        var (upload, embedded) = await UploadAcrossTheSwitchAsync();
        var stalled = await StallAsync(nameof(IVectorStore.DeleteAsync), Old, "d5");
        embedded.SetResult();
        Assert.Equal(1, (await upload).Indexed);
        await RunOtherAsync();
        Assert.Equal(["d0", "d1", "d2", "d3", "d4", "d5"], await ServedAsync(1));
        await WakeAsync(stalled);

        Assert.Equal(["d0", "d1", "d2", "d3", "d4", "d5"], await ServedAsync(1));
    }

    [Fact]
    public async Task AnUploadThatBeganBeforeTheSwitch_IsNotPrunedByTheRollback()
    {
        var (upload, embedded) = await UploadAcrossTheSwitchAsync();
        await RunOtherAsync(onValidation: async () =>
        {
            // Its document has been taken from the version that is to answer again, and nothing is copied any more.
            Assert.DoesNotContain("d5", await IdsAsync(Old));
            embedded.SetResult();
            Assert.Equal(1, (await upload).Indexed);
        });

        Assert.Equal(["d0", "d1", "d2", "d3", "d4", "d5"], await ServedAsync(1));
    }

    [Fact]
    public async Task AWorkerWhoDiesWhilePruningWhatIsBeingUploaded_LosesNothing()
    {
        var (upload, embedded) = await UploadAcrossTheSwitchAsync();
        _stalling.Before = async (call, version, document) =>
        {
            if ((call, version, document) != (nameof(IVectorStore.DeleteAsync), Old, "d5"))
                return;
            embedded.TrySetResult();
            Assert.Equal(1, (await upload).Indexed);
            await _bench.Store.DeleteAsync(Old, "d5", (await _bench.Store.FindAsync(Old, ["d5"], default))["d5"].Revision, default);
            throw new InvalidOperationException("The worker dies.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _bench.OpenRunner(_stalling).RunAsync("docs", default));
        await RunOtherAsync();

        Assert.Equal(["d0", "d1", "d2", "d3", "d4", "d5"], await ServedAsync(1));
    }

    [Fact]
    public async Task AWorker_WhoseWorkIsTaken_WritesNothingMore()
    {
        await StartAsync();
        var stalled = await StallAsync(nameof(IVectorStore.ReadAsync), Old, "d0");
        await RunOtherAsync();
        var writes = 0;
        _stalling.Before = (call, _, _) =>
        {
            writes += call is nameof(IVectorStore.PutAsync) or nameof(IVectorStore.DeleteAsync) ? 1 : 0;
            return Task.CompletedTask;
        };
        var texts = _bench.Embedder.Texts.Count;
        await WakeAsync(stalled);

        Assert.Equal((0, texts), (writes, _bench.Embedder.Texts.Count));
    }

    [Theory]
    [InlineData(nameof(IVectorStore.ListAsync), 1)]
    [InlineData(nameof(IVectorStore.FindAsync), 2)]
    [InlineData(nameof(IVectorStore.ListDeletionsAsync), 1)]
    [InlineData(nameof(IVectorStore.CountAsync), 2)]
    [InlineData(nameof(IVectorStore.SearchAsync), 2)]
    public async Task AnyStep_AfterTheOldVersionIsDropped_ChangesNothing(string call, int version)
    {
        var id = await StartAsync();
        var stalled = await StallAsync(call, new CollectionVersion("docs", version), null);
        await RunOtherAsync();
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Finish, default);
        await _bench.IndexAsync(MigrationTests.Document(1, "new"), MigrationTests.Document(7, "new"));
        await _bench.Indexer.DeleteAsync("docs", "d2", default);
        var migration = await _bench.Migrations.GetAsync("docs", id, default);
        await WakeAsync(stalled);

        Assert.Equal(["d0", "d1", "d3", "d4", "d7"], await ServedAsync(2));
        Assert.Equal(migration, await _bench.Migrations.GetAsync("docs", id, default));
        Assert.Equal(["version/docs/2"], _bench.Log.Keys.Where(key => key.StartsWith(PassageLogKey.Versions, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AReport_OfAWorkerWhoseWorkIsTaken_ChangesNothing()
    {
        var id = await StartAsync();
        var stalled = await StallAsync(nameof(IVectorStore.SearchAsync), Old, null);

        // It has lost its model, and would end the migration for want of anything found.
        _bench.Clock.Advance(MigrationLedger.LeaseTime);
        var other = new HeldStore(_bench.Store);
        other.Before = async (call, _, _) =>
        {
            if (call != nameof(IVectorStore.CountAsync) || _woken.Task.IsCompleted)
                return;
            _bench.Embedder.BeforeAnswer = _ => throw new UpstreamException("scripted", UpstreamFailure.Connection, "it is down.");
            await WakeAsync(stalled);
            _bench.Embedder.BeforeAnswer = null;
        };
        await _bench.OpenRunner(other).RunAsync("docs", default);

        Assert.Equal(MigrationStatus.Completed, (await _bench.Migrations.GetAsync("docs", id, default)).Status);
    }

    // Puts a document into the old version while the migration's last step is under way, and stands before the new one until after the rollback has begun.
    private async Task<(Task<IngestionReport> Upload, TaskCompletionSource Embedded)> UploadAcrossTheSwitchAsync()
    {
        var id = await StartAsync();
        var (embedded, calls) = (new TaskCompletionSource(), 0);
        Task<IngestionReport>? upload = null;
        _bench.Embedder.BeforeAnswer = texts => texts.Contains("new number five5") && ++calls == 2 ? embedded.Task : Task.CompletedTask;
        await RunOtherAsync(onValidation: async () =>
        {
            upload = _bench.IndexAsync(MigrationTests.Document(5, "new"));
            await Testing.TestWait.UntilAsync(() => calls == 2);
        });
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
        Assert.Equal(["d0", "d1", "d2", "d3", "d4"], await IdsAsync(New));
        Assert.Equal(["d0", "d1", "d2", "d3", "d4", "d5"], await IdsAsync(Old));
        return (upload!, embedded);
    }

    private async Task<string> StartAsync() => (await _bench.Migrations.StartAsync("docs", "scripted/wide", default)).Id;

    private async Task<string> MigrateAsync()
    {
        var id = await StartAsync();
        await _bench.Runner.RunAsync("docs", default);
        return id;
    }

    // The worker's work, which stands before a call of the store.
    private async Task<Task> StallAsync(string call, CollectionVersion version, string? document)
    {
        _stalling.Before = async (name, of, id) =>
        {
            if ((name, of) != (call, version) || (document ?? id) != id || !_reached.TrySetResult())
                return;
            await _woken.Task;
        };
        var working = _bench.OpenRunner(_stalling).RunAsync("docs", default);
        await Task.WhenAny(working, _reached.Task);
        Assert.True(_reached.Task.IsCompleted, "The worker never came to that step.");
        return working;
    }

    private async Task WakeAsync(Task stalled)
    {
        _woken.SetResult();
        await stalled;
    }

    // Takes the work over when the lease has ended, and does all of it.
    private async Task RunOtherAsync(Func<Task>? onValidation = null)
    {
        _bench.Clock.Advance(MigrationLedger.LeaseTime);
        var store = new HeldStore(_bench.Store);
        store.Before = async (call, _, _) =>
        {
            if (call == nameof(IVectorStore.CountAsync) && Interlocked.Exchange(ref onValidation, null) is { } act)
                await act();
        };
        Assert.False(await _bench.OpenRunner(store).RunAsync("docs", default));
    }

    private async Task<IReadOnlyList<string>> ServedAsync(int version)
    {
        Assert.Equal(version, (await _bench.Catalog.GetAsync("docs", default)).Version);
        var query = new SearchRequest { Collection = "docs", Query = "number", Limit = 100, Mode = SearchMode.Lexical };
        var found = (await _bench.Search.SearchAsync(query, default)).Hits.Select(hit => hit.DocumentId).Order().ToList();
        Assert.Equal(await IdsAsync(new CollectionVersion("docs", version)), found);
        return found;
    }

    private async Task<IReadOnlyList<string>> IdsAsync(CollectionVersion version) =>
        [.. (await _bench.Store.ListAsync(version, null, 100, default)).Documents.Select(document => document.Id)];
}
