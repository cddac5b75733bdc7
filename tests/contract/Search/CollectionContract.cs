using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Contract.Tests.Search;

/// <summary>What the owner of a collection promises on every host. The host's vector store is one in memory.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class CollectionContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private static readonly CollectionSettings Small = new("scripted/small", "auto", 2);
    private static readonly CollectionSettings Large = new("scripted/large", "auto", 3);

    // A store outlives the host's crash here, so every test has a collection of its own.
    private readonly string _name = $"c{Guid.NewGuid():N}";

    private ICollectionActor Collection => Actors.Collection(_name);

    [Fact]
    public async Task Revisions_RiseAlsoOverACrash()
    {
        await Collection.ConfigureAsync(Small, default);
        var before = (await Collection.BeginIngestionAsync(10, default))!;
        await Host.CrashAsync();
        var after = (await Collection.BeginIngestionAsync(1, default))!;
        Assert.True(after.FirstRevision >= before.FirstRevision + 10);
        Assert.Equal(Small, after.Serving.Settings);
    }

    [Fact]
    public async Task Collection_ThatIsNotThere_HasNothing()
    {
        Assert.Null(await Collection.FindServingAsync(default));
        Assert.Null(await Collection.BeginIngestionAsync(1, default));
        Assert.Empty((await Collection.FindTargetsAsync(default)).Versions);
        Assert.Equal("not_found", (await Assert.ThrowsAsync<RequestException>(async () => await Collection.StartMigrationAsync("m", Large, default))).Problem.Code);
    }

    [Fact]
    public async Task Migration_SwitchesInOneStepAndOutlivesACrash()
    {
        await Collection.ConfigureAsync(Small, default);
        var started = await Collection.StartMigrationAsync("m1", Large, default);
        Assert.Equal(started, await Collection.StartMigrationAsync("m1", Large, default));
        Assert.Equal("1, 2", await TargetsAsync());
        await StepAsync(MigrationPhase.Filling);

        await Host.CrashAsync();

        Assert.Equal("1, 2", await TargetsAsync());
        foreach (var phase in new[] { MigrationPhase.Checking, MigrationPhase.Pruning, MigrationPhase.Validating })
        {
            Assert.Equal(1, (await Collection.FindServingAsync(default))!.Version.Number);
            await StepAsync(phase);
        }

        Assert.Equal(Large, (await Collection.FindServingAsync(default))!.Settings);
        await Host.CrashAsync();
        Assert.Equal("2", await TargetsAsync());
        Assert.Equal(MigrationStatus.Completed, (await Collection.ListMigrationsAsync(default)).Items.Single().Status);
        Assert.Null(await Collection.LeaseMigrationAsync("w", default));
    }

    [Fact]
    public async Task Migration_HasOneWorkerAtATime()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        Assert.NotNull(await Collection.LeaseMigrationAsync("one", default));
        Assert.Null(await Collection.LeaseMigrationAsync("two", default));
        Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.NotNull(await Collection.LeaseMigrationAsync("two", default));
        Assert.Null(await Collection.LeaseMigrationAsync("one", default));
    }

    [Fact]
    public async Task Migration_IsPausedResumedAndRolledBack()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        await Collection.CommandMigrationAsync("m1", MigrationCommand.Pause, default);
        Assert.Null(await Collection.LeaseMigrationAsync("w", default));
        await Collection.CommandMigrationAsync("m1", MigrationCommand.Resume, default);
        Assert.NotNull(await Collection.LeaseMigrationAsync("w", default));
        await Collection.CommandMigrationAsync("m1", MigrationCommand.Rollback, default);
        Assert.Equal("1", await TargetsAsync());
        await Assert.ThrowsAsync<RequestException>(async () => await Collection.CommandMigrationAsync("m1", MigrationCommand.Resume, default));
    }

    [Fact]
    public async Task Trial_OfAVersionInUse_IsToldWithItAndOutlivesACrash()
    {
        await Collection.ConfigureAsync(Small, default);
        Assert.Null((await Collection.FindServingAsync(default))!.Trial);
        await Collection.StartMigrationAsync("m1", Large, default);

        await Collection.ReportTrialAsync(1, new ModelTrial(100, 0.25), default);
        await Collection.ReportTrialAsync(2, new ModelTrial(90, 0.75), default);
        await Collection.ReportTrialAsync(3, new ModelTrial(80, 0.5), default);
        await Host.CrashAsync();

        Assert.Equal(new ModelTrial(100, 0.25), (await Collection.FindServingAsync(default))!.Trial);
        Assert.Equal([new ModelTrial(100, 0.25), new ModelTrial(90, 0.75)], (await Collection.FindTargetsAsync(default)).Versions.Select(version => version.Trial));
        Assert.Equal(new ModelTrial(90, 0.75), (await Collection.LeaseMigrationAsync("w", default))!.Target.Trial);
    }

    [Fact]
    public async Task Report_OfAnEarlierPass_ChangesNothing()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        var work = (await Collection.LeaseMigrationAsync("w", default))!;
        await StepAsync(MigrationPhase.Filling);
        await Collection.ReportMigrationAsync("m1", new MigrationProgress { Phase = work.Phase, Pass = work.Pass, IsComplete = true }, default);
        Assert.Equal(MigrationPhase.Checking, (await Collection.LeaseMigrationAsync("w", default))!.Phase);
    }

    [Fact]
    public async Task Report_OfAWorkerWhoseWorkIsTaken_ChangesNothing()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        var late = (await Collection.LeaseMigrationAsync("late", default))!;
        Assert.Equal(late.Lease, (await Collection.LeaseMigrationAsync("late", default))!.Lease);
        Clock.Advance(TimeSpan.FromSeconds(31));
        var taken = (await Collection.LeaseMigrationAsync("w", default))!;
        Assert.Equal(late.Lease + 1, taken.Lease);

        await ReportAsync(late);
        Assert.Equal(taken, await Collection.LeaseMigrationAsync("w", default));
        await ReportAsync(taken);
        Assert.Equal(MigrationPhase.Checking, (await Collection.LeaseMigrationAsync("w", default))!.Phase);
    }

    [Fact]
    public async Task Report_OfAWorkerWhoseWorkWasTakenBeforeACrash_ChangesNothing()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        var late = (await Collection.LeaseMigrationAsync("late", default))!;
        Clock.Advance(TimeSpan.FromSeconds(31));
        await Collection.LeaseMigrationAsync("w", default);
        await Host.CrashAsync();

        await ReportAsync(late);

        Assert.Equal(MigrationPhase.Filling, (await Collection.LeaseMigrationAsync("w", default))!.Phase);
    }

    [Fact]
    public async Task Report_OfAReleaseThatDidNotCount_IsTaken()
    {
        await Collection.ConfigureAsync(Small, default);
        await Collection.StartMigrationAsync("m1", Large, default);
        await StepAsync(MigrationPhase.Filling);
        Assert.Equal(MigrationPhase.Checking, (await Collection.LeaseMigrationAsync("w", default))!.Phase);
    }

    private async Task ReportAsync(MigrationWork work) => await Collection.ReportMigrationAsync(
        work.Id, new MigrationProgress { Phase = work.Phase, Pass = work.Pass, Lease = work.Lease, IsComplete = true }, default);

    private async Task StepAsync(MigrationPhase phase)
    {
        var work = (await Collection.LeaseMigrationAsync("w", default))!;
        Assert.Equal(phase, work.Phase);
        await Collection.ReportMigrationAsync(work.Id, new MigrationProgress { Phase = work.Phase, Pass = work.Pass, IsComplete = true }, default);
    }

    private async Task<string> TargetsAsync() =>
        string.Join(", ", (await Collection.FindTargetsAsync(default)).Versions.Select(target => target.Version.Number));
}
