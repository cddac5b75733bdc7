using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;
using OrleansChat.GrainInterfaces.Search;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ICollectionGrain"/>.</summary>
internal sealed class CollectionReference(ICollectionGrain grain, CallRepetition calls) : ICollectionActor
{
    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.DescribeAsync(token), true, cancellationToken);

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, settings, token) => target.ConfigureAsync(settings, token), settings, cancellationToken);

    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.FindServingAsync(token), true, cancellationToken);

    public ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, documents, token) => target.BeginIngestionAsync(documents, token), documents, cancellationToken);

    public ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.FindTargetsAsync(token), true, cancellationToken);

    public ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.StartMigrationAsync(call.id, call.settings, token), (id, settings), cancellationToken);

    public ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListMigrationsAsync(token), true, cancellationToken);

    public ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.CommandMigrationAsync(call.id, call.command, token), (id, command), cancellationToken);

    public ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, worker, token) => target.LeaseMigrationAsync(worker, token), worker, cancellationToken);

    public ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.ReportMigrationAsync(call.id, call.progress, token), (id, progress), cancellationToken);

    public ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.ReportTrialAsync(call.version, call.trial, token), (version, trial), cancellationToken);
}
