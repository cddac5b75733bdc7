using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search.Migrations;

public sealed class MigrationTests : IAsyncLifetime
{
    private readonly SearchBench _bench = new();

    public async Task InitializeAsync()
    {
        _bench.Embedder.OtherModels = new Dictionary<string, int> { ["wide"] = 31 };
        await _bench.CreateAsync();
        await _bench.IndexAsync([.. Enumerable.Range(0, 10).Select(i => Document(i, "old"))]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Migration_FillsANewVersionAndSwitchesToIt()
    {
        var started = await StartAsync();
        Assert.Equal(("docs_v1", "docs_v2", MigrationStatus.Running, 10L), (started.From, started.To, started.Status, started.TotalDocuments));
        Assert.Equal(1, (await _bench.Catalog.GetAsync("docs", default)).Version);

        await _bench.Runner.RunAsync("docs", default);

        var done = await _bench.Migrations.GetAsync("docs", started.Id, default);
        Assert.Equal((MigrationStatus.Completed, 1d, 10L), (done.Status, done.Progress, done.DoneDocuments));
        Assert.InRange(done.Recall!.Value, 0.8, 1);
        var collection = await _bench.Catalog.GetAsync("docs", default);
        Assert.Equal((2, "scripted/wide", 10L), (collection.Version, collection.EmbeddingModel, collection.Documents));
        Assert.Equal("d3", (await _bench.FindAsync("number three3"))[0].DocumentId);
    }

    [Fact]
    public async Task AfterAMigration_SendingTheSameAgain_EmbedsNothing()
    {
        await MigrateAsync();
        var before = _bench.Embedder.Texts.Count;
        var report = await _bench.IndexAsync([.. Enumerable.Range(0, 10).Select(i => Document(i, "old"))]);
        Assert.Equal((0, 10), (report.Indexed, report.Unchanged));
        Assert.Equal(before, _bench.Embedder.Texts.Count);
    }

    [Fact]
    public async Task WritesDuringAMigration_ReachBothVersions()
    {
        await StartAsync();
        await _bench.IndexAsync(Document(3, "new"), Document(11, "new"));
        await _bench.Indexer.DeleteAsync("docs", "d4", default);
        Assert.Contains("new", (await _bench.FindAsync("number three3"))[0].Text, StringComparison.Ordinal);

        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(10, (await _bench.Catalog.GetAsync("docs", default)).Documents);
        Assert.Contains("new", (await _bench.FindAsync("number three3"))[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await _bench.FindAsync("number four4"), hit => hit.DocumentId == "d4");
    }

    [Fact]
    public async Task Rollback_AfterTheSwitch_BringsTheOldVersionUpToDateFirst()
    {
        var id = await MigrateAsync();
        await _bench.IndexAsync(Document(3, "newer"), Document(12, "newer"));
        await _bench.Indexer.DeleteAsync("docs", "d5", default);

        var rolling = await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
        Assert.Equal(MigrationStatus.RollingBack, rolling.Status);
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(MigrationStatus.RolledBack, (await _bench.Migrations.GetAsync("docs", id, default)).Status);
        var collection = await _bench.Catalog.GetAsync("docs", default);
        Assert.Equal((1, "scripted/letters", 10L), (collection.Version, collection.EmbeddingModel, collection.Documents));
        Assert.Contains("newer", (await _bench.FindAsync("number three3"))[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await _bench.FindAsync("number five5"), hit => hit.DocumentId == "d5");
    }

    [Fact]
    public async Task Rollback_BeforeTheSwitch_GivesTheNewVersionUp()
    {
        var started = await StartAsync();
        var given = await _bench.Migrations.CommandAsync("docs", started.Id, MigrationCommand.Rollback, default);
        Assert.Equal(MigrationStatus.RolledBack, given.Status);
        await Assert.ThrowsAsync<RequestException>(async () => await _bench.Store.CountAsync(new CollectionVersion("docs", 2), default));
        Assert.Equal("docs_v3", (await StartAsync()).To);
    }

    [Fact]
    public async Task Pause_StopsTheWorkUntilResume()
    {
        var started = await StartAsync();
        await _bench.Migrations.CommandAsync("docs", started.Id, MigrationCommand.Pause, default);
        await _bench.Runner.RunAsync("docs", default);
        Assert.Equal((MigrationStatus.Paused, 0L), await StandingAsync(started.Id));

        await _bench.RestartAsync();
        await _bench.Migrations.CommandAsync("docs", started.Id, MigrationCommand.Resume, default);
        await _bench.Runner.RunAsync("docs", default);
        Assert.Equal((MigrationStatus.Completed, 10L), await StandingAsync(started.Id));
    }

    [Fact]
    public async Task Finish_DropsTheVersionThatIsNotUsed()
    {
        var id = await MigrateAsync();
        await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Finish, default);
        await Assert.ThrowsAsync<RequestException>(async () => await _bench.Store.CountAsync(new CollectionVersion("docs", 1), default));
        await Assert.ThrowsAsync<RequestException>(async () => await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default));
        Assert.Equal("d3", (await _bench.FindAsync("number three3"))[0].DocumentId);
    }

    [Fact]
    public async Task AModelThatFails_PausesAfterManyTriesAndTheOldVersionAnswers()
    {
        var started = await StartAsync();
        _bench.Embedder.BeforeAnswer = _ => throw new UpstreamException("scripted", UpstreamFailure.Connection, "it is down.");
        for (var i = 0; i < 10; i++)
            Assert.True(await _bench.Runner.RunAsync("docs", default));
        _bench.Embedder.BeforeAnswer = null;

        var paused = await _bench.Migrations.GetAsync("docs", started.Id, default);
        Assert.Equal((MigrationStatus.Paused, "upstream_unavailable"), (paused.Status, paused.Cause?.Code));
        Assert.Equal("d3", (await _bench.FindAsync("number three3"))[0].DocumentId);
        await _bench.Migrations.CommandAsync("docs", started.Id, MigrationCommand.Resume, default);
        await _bench.Runner.RunAsync("docs", default);
        Assert.Equal((MigrationStatus.Completed, 10L), await StandingAsync(started.Id));
    }

    [Fact]
    public async Task AModelThatChangesItsDimensionUnderWay_PausesWithTheCauseAndTheOldVersionAnswers()
    {
        var started = await StartAsync();
        _bench.Embedder.OtherModels = _bench.Embedder.OtherModels.ToDictionary(model => model.Key, model => model.Value + 1);
        for (var i = 0; i < 10; i++)
            Assert.True(await _bench.Runner.RunAsync("docs", default));

        var paused = await _bench.Migrations.GetAsync("docs", started.Id, default);
        Assert.Equal((MigrationStatus.Paused, "upstream_error"), (paused.Status, paused.Cause?.Code));
        Assert.Contains("dimensions", paused.Cause!.Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await _bench.Catalog.GetAsync("docs", default)).Version);
        Assert.Equal("d3", (await _bench.FindAsync("number three3"))[0].DocumentId);
    }

    [Fact]
    public async Task AWriterWhoseNewModelFails_SucceedsAndIsCaughtUpWith()
    {
        var started = await StartAsync();
        var calls = 0;
        _bench.Embedder.BeforeAnswer = _ => ++calls == 2 ? throw new UpstreamException("scripted", UpstreamFailure.Timeout, "it hangs.") : Task.CompletedTask;
        Assert.Equal(1, (await _bench.IndexAsync(Document(3, "new"))).Indexed);
        await _bench.Runner.RunAsync("docs", default);
        Assert.Equal((MigrationStatus.Completed, 10L), await StandingAsync(started.Id));
        Assert.Contains("new", (await _bench.FindAsync("number three3"))[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OfTheSameModelOrASecondMigration_IsRefused()
    {
        await Assert.ThrowsAsync<RequestException>(async () => await _bench.Migrations.StartAsync("docs", "scripted/letters", default));
        await Assert.ThrowsAsync<RequestException>(async () => await _bench.Migrations.StartAsync("none", "scripted/wide", default));
        await StartAsync();
        await Assert.ThrowsAsync<RequestException>(async () => await StartAsync());
    }

    internal static SourceDocument Document(int i, string state) => new()
    {
        Id = $"d{i}",
        Text = $"{state} number {Words[i % Words.Length]}{i}",
    };

    private static readonly string[] Words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    private ValueTask<MigrationView> StartAsync() => _bench.Migrations.StartAsync("docs", "scripted/wide", default);

    private async Task<string> MigrateAsync()
    {
        var started = await StartAsync();
        await _bench.Runner.RunAsync("docs", default);
        return started.Id;
    }

    private async Task<(MigrationStatus Status, long Done)> StandingAsync(string id)
    {
        var view = await _bench.Migrations.GetAsync("docs", id, default);
        return (view.Status, view.DoneDocuments);
    }
}
