using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search.Migrations;

/// <summary>Migrations that begin and end while somebody else is in the middle of a call.</summary>
public sealed class MigrationBesideCallsTests : IAsyncLifetime
{
    private readonly SearchBench _bench = new();

    public async Task InitializeAsync()
    {
        _bench.Embedder.OtherModels = new Dictionary<string, int> { ["wide"] = 31, ["narrow"] = 19 };
        await _bench.CreateAsync();
        await _bench.IndexAsync([.. Enumerable.Range(0, 3).Select(i => MigrationTests.Document(i, "old"))]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ASearch_WhoseVersionIsDroppedMeanwhile_AnswersFromTheNext()
    {
        var held = Hold("zero0 wanted");
        var search = _bench.FindAsync("zero0 wanted");
        await MigrateAndFinishAsync("scripted/wide");
        held[0].SetResult();
        held[1].SetResult();
        Assert.Equal("d0", (await search)[0].DocumentId);
    }

    [Fact]
    public async Task AnUpload_WhoseVersionIsDroppedMeanwhile_ReachesTheNext()
    {
        var held = Hold("new number");
        var upload = _bench.IndexAsync(MigrationTests.Document(2, "new"), MigrationTests.Document(5, "new"));
        await MigrateAndFinishAsync("scripted/wide");
        held[0].SetResult();
        held[1].SetResult();

        var report = await upload;

        Assert.Equal((2, 0), (report.Indexed, report.Rejected.Count));
        Assert.Equal("new number two2", (await _bench.FindAsync("number two2"))[0].Text);
        Assert.Equal(4, (await _bench.Catalog.GetAsync("docs", default)).Documents);
    }

    [Fact]
    public async Task AnUpload_WhileTwoMigrationsEnd_ReachesTheLastVersion()
    {
        var held = Hold("new number");
        var upload = _bench.IndexAsync(MigrationTests.Document(5, "new"));
        await MigrateAsync("scripted/wide");

        // It goes on with the second version, to which the third one is migrated before the document is there.
        held[0].SetResult();
        await Testing.TestWait.UntilAsync(() => _bench.Embedder.Texts.Count(text => text.Contains("new number", StringComparison.Ordinal)) == 2);
        await MigrateAsync("scripted/narrow");
        held[1].SetResult();
        held[2].SetResult();
        await upload;

        Assert.Contains(await _bench.FindAsync("number five5"), hit => hit.DocumentId == "d5");
    }

    [Fact]
    public async Task ADeletion_WhoseVersionIsDroppedMeanwhile_ReachesTheNext()
    {
        var ticket = await _bench.Collection("docs").BeginIngestionAsync(1, default);
        var writer = new VersionWriter(_bench.Store, _bench.Collection("docs"), ticket!.Serving, _ => null!);
        await MigrateAndFinishAsync("scripted/wide");

        Assert.True(await writer.DeleteAsync("d1", ticket.FirstRevision, default));

        Assert.DoesNotContain(await _bench.FindAsync("number one1"), hit => hit.DocumentId == "d1");
    }

    [Fact]
    public async Task AWriter_WhoFailsUnderTheRollbackOfAnEarlierMigration_IsCaughtUpWith()
    {
        var first = await MigrateAsync("scripted/wide");
        var second = await MigrateAsync("scripted/narrow");
        await RollBackAsync(second);
        await _bench.Migrations.CommandAsync("docs", first, MigrationCommand.Rollback, default);

        // While the last step of the rollback is under way.
        var calls = 0;
        _bench.Embedder.BeforeAnswer = async texts =>
        {
            if (++calls == 1)
                await _bench.IndexAsync(MigrationTests.Document(5, "new"));
            else if (calls == 3)
                throw new UpstreamException("scripted", UpstreamFailure.Timeout, "it hangs.");
        };
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(1, (await _bench.Catalog.GetAsync("docs", default)).Version);
        Assert.Contains(await _bench.FindAsync("number five5"), hit => hit.DocumentId == "d5");
    }

    [Fact]
    public async Task AnUpload_GivenUpBetweenTwoVersions_IsInBothInTheEnd()
    {
        await _bench.Migrations.StartAsync("docs", "scripted/wide", default);
        using var patience = new CancellationTokenSource();
        var (isValidating, calls) = (false, 0);
        _bench.Embedder.BeforeAnswer = async texts =>
        {
            // A question by itself comes in the last step of the migration; the upload's second call is for the new version.
            if (!isValidating && (isValidating = texts is ["old number zero0"]))
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.Indexer.IndexAsync("docs", [MigrationTests.Document(5, "new")], SearchPayer.System, patience.Token));
            else if (texts.Contains("new number five5") && ++calls == 2)
                await patience.CancelAsync();
        };
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(2, (await _bench.Catalog.GetAsync("docs", default)).Version);
        Assert.Contains(await _bench.FindAsync("number five5"), hit => hit.DocumentId == "d5");
    }

    [Fact]
    public async Task ADocumentThatWasDeleted_IsNotBroughtBackByARollbackUnderAWriterWhoDies()
    {
        var id = await MigrateAsync("scripted/wide");
        await _bench.Indexer.DeleteAsync("docs", "d1", default);
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);

        // After the first step, which follows the save of the lease, a writer puts it into the version that answers, and dies.
        var version = new CollectionVersion("docs", 2);
        var written = new DocumentPassages(
            new StoredDocument("d1", 1_000_000, "hash", 1),
            [new EmbeddedPassage(new IndexedPassage { DocumentId = "d1", Ordinal = 0, Text = "new number one1" }, new float[31])]);
        var saves = 0;
        _bench.States.BeforeWrite = async _ =>
        {
            if (++saves == 2)
                await _bench.Store.PutAsync(version, written, default);
        };
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(1, (await _bench.Catalog.GetAsync("docs", default)).Version);
        Assert.DoesNotContain(await _bench.FindAsync("number one1"), hit => hit.Text == "old number one1");
    }

    [Fact]
    public async Task PutAsync_OfAnotherModelWhileAMigrationIsUnderWay_IsRefused()
    {
        var bench = new SearchBench();
        bench.Embedder.OtherModels = _bench.Embedder.OtherModels;
        await bench.CreateAsync();
        await bench.Migrations.StartAsync("docs", "scripted/wide", default);

        var refused = await Assert.ThrowsAsync<RequestException>(async () => await bench.Catalog.PutAsync("docs", "scripted/narrow", null, default));

        Assert.Equal("collection", refused.Problem.Subject);
        await bench.IndexAsync(MigrationTests.Document(0, "first"));
        await bench.Runner.RunAsync("docs", default);
        Assert.Equal((2, 1L), ((await bench.Catalog.GetAsync("docs", default)).Version, (await bench.Catalog.GetAsync("docs", default)).Documents));
    }

    [Fact]
    public async Task PutAsync_ThatNamesNoModel_KeepsTheOneThatAMigrationEndsWith()
    {
        await _bench.Migrations.StartAsync("docs", "scripted/wide", default);
        var puts = new List<Task>();
        _bench.States.BeforeWrite = _ =>
        {
            if (puts.Count < 10)
                puts.Add(_bench.Catalog.PutAsync("docs", null, null, default).AsTask());
            return Task.CompletedTask;
        };
        await _bench.Runner.RunAsync("docs", default);

        await Task.WhenAll(puts);
        Assert.Equal("scripted/wide", (await _bench.Catalog.GetAsync("docs", default)).EmbeddingModel);
    }

    // Calls for texts that have these words wait until they are let go on, each for its own.
    private TaskCompletionSource[] Hold(string words)
    {
        TaskCompletionSource[] held = [new(), new(), new()];
        var calls = 0;
        _bench.Embedder.BeforeAnswer = texts => texts.Any(text => text.Contains(words, StringComparison.Ordinal)) ? held[calls++].Task : Task.CompletedTask;
        return held;
    }

    private async Task<string> MigrateAsync(string model)
    {
        var started = await _bench.Migrations.StartAsync("docs", model, default);
        await _bench.Runner.RunAsync("docs", default);
        return started.Id;
    }

    private async Task MigrateAndFinishAsync(string model) =>
        await _bench.Migrations.CommandAsync("docs", await MigrateAsync(model), MigrationCommand.Finish, default);

    private async Task RollBackAsync(string id)
    {
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
        await _bench.Runner.RunAsync("docs", default);
    }
}
