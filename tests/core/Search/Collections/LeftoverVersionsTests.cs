using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Core.Tests.Search.Collections;

/// <summary>A version that nobody needs is dropped, whatever happens on the way.</summary>
public sealed class LeftoverVersionsTests : IAsyncLifetime
{
    private readonly SearchBench _bench = new();

    public async Task InitializeAsync()
    {
        _bench.Embedder.OtherModels = new Dictionary<string, int> { ["wide"] = 31, ["narrow"] = 19 };
        await _bench.CreateAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Finish_WhoseHostDiesBeforeItHasDroppedTheVersion_IsCompletedByTheNext()
    {
        await IndexAsync();
        var id = await MigrateAsync("scripted/wide");
        var dying = new TaskCompletionSource();
        _bench.Log.BeforeWrite = _ =>
        {
            dying.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        _ = _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Finish, default).AsTask();
        await dying.Task;

        _bench.Log.BeforeWrite = null;
        await _bench.RestartAsync();
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(["version/docs/2"], Versions());
        Assert.All(_bench.Log.Keys.Where(key => key.StartsWith("document/", StringComparison.Ordinal)), key => Assert.StartsWith("document/docs/2/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Finish_WhileTheStoreFails_IsCarriedOutAndDropsTheVersionLater()
    {
        await IndexAsync();
        var id = await MigrateAsync("scripted/wide");
        _bench.Log.BeforeWrite = key => key.StartsWith("document/", StringComparison.Ordinal) ? throw new StorageException("The disk is full.") : Task.CompletedTask;
        Assert.Equal(MigrationStatus.Finished, (await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Finish, default)).Status);

        _bench.Log.BeforeWrite = null;
        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(["version/docs/2"], Versions());
        Assert.Single(_bench.Log.Keys, key => key.StartsWith("document/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartMigration_WhoseVersionWasMadeAndNeverNamed_IsInNobodysWay()
    {
        await IndexAsync();
        _bench.States.BeforeWrite = _ => Versions().Contains("version/docs/2") ? throw new StorageException("The disk is full.") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(async () => await _bench.Migrations.StartAsync("docs", "scripted/wide", default));
        _bench.States.BeforeWrite = null;
        await _bench.RestartAsync();

        await MigrateAsync("scripted/narrow");

        Assert.Equal("scripted/narrow", (await _bench.Catalog.GetAsync("docs", default)).EmbeddingModel);
        Assert.Equal(["version/docs/1", "version/docs/3"], Versions());
    }

    [Fact]
    public async Task StartMigration_WhoseVersionWasMadeAndNeverNamed_LeavesNothing()
    {
        await IndexAsync();
        _bench.States.BeforeWrite = _ => Versions().Contains("version/docs/2") ? throw new StorageException("The disk is full.") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(async () => await _bench.Migrations.StartAsync("docs", "scripted/wide", default));
        _bench.States.BeforeWrite = null;
        await _bench.RestartAsync();

        await _bench.Runner.RunAsync("docs", default);

        Assert.Equal(["version/docs/1"], Versions());
    }

    [Fact]
    public async Task PutAsync_OfAnotherModelBeforeAnyDocument_DropsTheVersionOfTheFirst()
    {
        await _bench.Catalog.PutAsync("docs", "scripted/wide", null, default);
        Assert.Equal(["version/docs/2"], Versions());
    }

    [Fact]
    public async Task AMigrationThatIsForgotten_TakesItsVersionAlong()
    {
        await IndexAsync();
        for (var i = 0; i < 23; i++)
        {
            var id = await MigrateAsync("scripted/wide");
            await _bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
            await _bench.Runner.RunAsync("docs", default);
        }

        var known = (await _bench.Migrations.ListAsync("docs", default)).Items;
        Assert.Equal(known.Select(migration => $"version/docs/{migration.To["docs_v".Length..]}").Append("version/docs/1").Order(), Versions());
        Assert.Equal(20, known.Count);
    }

    private async Task IndexAsync() => await _bench.IndexAsync(new SourceDocument { Id = "a", Text = "A grain has one activation." });

    private async Task<string> MigrateAsync(string model)
    {
        var started = await _bench.Migrations.StartAsync("docs", model, default);
        await _bench.Runner.RunAsync("docs", default);
        return started.Id;
    }

    private List<string> Versions() => [.. _bench.Log.Keys.Where(key => key.StartsWith("version/", StringComparison.Ordinal)).Order()];
}
