using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Tests.Search;

/// <summary>A collection's actor as a host runs it: one call at a time, and beside it those that interleave.</summary>
/// <param name="activation">The activation that a call goes to.</param>
internal sealed class OneAtATime(Func<ICollectionActor> activation) : ICollectionActor
{
    private readonly SemaphoreSlim _turn = new(1);

    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) => RunAsync(() => activation().DescribeAsync(cancellationToken));

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        RunAsync(() => activation().ConfigureAsync(settings, cancellationToken));

    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) => activation().FindServingAsync(cancellationToken);

    public ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken) =>
        RunAsync(() => activation().BeginIngestionAsync(documents, cancellationToken));

    public ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken) => activation().FindTargetsAsync(cancellationToken);

    public ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken) =>
        RunAsync(() => activation().StartMigrationAsync(id, settings, cancellationToken));

    public ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken) => RunAsync(() => activation().ListMigrationsAsync(cancellationToken));

    public ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken) =>
        RunAsync(() => activation().CommandMigrationAsync(id, command, cancellationToken));

    public ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken) =>
        RunAsync(() => activation().LeaseMigrationAsync(worker, cancellationToken));

    public async ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken) =>
        await RunAsync(async () =>
        {
            await activation().ReportMigrationAsync(id, progress, cancellationToken);
            return true;
        });

    public async ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken) =>
        await RunAsync(async () =>
        {
            await activation().ReportTrialAsync(version, trial, cancellationToken);
            return true;
        });

    private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> call)
    {
        await _turn.WaitAsync();
        try
        {
            return await call();
        }
        finally
        {
            _turn.Release();
        }
    }
}
