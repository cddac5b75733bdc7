using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICollectionActor"/> in this process.</summary>
internal sealed class LocalCollection(ActorReference<ICollectionActor> actor) : ICollectionActor
{
    private static readonly ActorMethod Describe = ActorMethod.Of<ICollectionActor>(nameof(DescribeAsync));
    private static readonly ActorMethod Configure = ActorMethod.Of<ICollectionActor>(nameof(ConfigureAsync));
    private static readonly ActorMethod FindServing = ActorMethod.Of<ICollectionActor>(nameof(FindServingAsync));
    private static readonly ActorMethod BeginIngestion = ActorMethod.Of<ICollectionActor>(nameof(BeginIngestionAsync));
    private static readonly ActorMethod FindTargets = ActorMethod.Of<ICollectionActor>(nameof(FindTargetsAsync));
    private static readonly ActorMethod StartMigration = ActorMethod.Of<ICollectionActor>(nameof(StartMigrationAsync));
    private static readonly ActorMethod ListMigrations = ActorMethod.Of<ICollectionActor>(nameof(ListMigrationsAsync));
    private static readonly ActorMethod CommandMigration = ActorMethod.Of<ICollectionActor>(nameof(CommandMigrationAsync));
    private static readonly ActorMethod LeaseMigration = ActorMethod.Of<ICollectionActor>(nameof(LeaseMigrationAsync));
    private static readonly ActorMethod ReportMigration = ActorMethod.Of<ICollectionActor>(nameof(ReportMigrationAsync));
    private static readonly ActorMethod ReportTrial = ActorMethod.Of<ICollectionActor>(nameof(ReportTrialAsync));

    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Describe, static (target, _, token) => target.DescribeAsync(token), true, cancellationToken);

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        actor.CallAsync(Configure,
            static (target, settings, token) => target.ConfigureAsync(settings, token),
            settings,
            cancellationToken);

    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(FindServing, static (target, _, token) => target.FindServingAsync(token), true, cancellationToken);

    public ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken) =>
        actor.CallAsync(BeginIngestion,
            static (target, documents, token) => target.BeginIngestionAsync(documents, token),
            documents,
            cancellationToken);

    public ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(FindTargets, static (target, _, token) => target.FindTargetsAsync(token), true, cancellationToken);

    public ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken) =>
        actor.CallAsync(StartMigration,
            static (target, call, token) => target.StartMigrationAsync(call.id, call.settings, token),
            (id, settings),
            cancellationToken);

    public ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(ListMigrations, static (target, _, token) => target.ListMigrationsAsync(token), true, cancellationToken);

    public ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken) =>
        actor.CallAsync(CommandMigration,
            static (target, call, token) => target.CommandMigrationAsync(call.id, call.command, token),
            (id, command),
            cancellationToken);

    public ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken) =>
        actor.CallAsync(LeaseMigration,
            static (target, worker, token) => target.LeaseMigrationAsync(worker, token),
            worker,
            cancellationToken);

    public ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken) =>
        actor.CallAsync(ReportMigration,
            static (target, call, token) => target.ReportMigrationAsync(call.id, call.progress, token),
            (id, progress),
            cancellationToken);

    public ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken) =>
        actor.CallAsync(ReportTrial,
            static (target, call, token) => target.ReportTrialAsync(call.version, call.trial, token),
            (version, trial),
            cancellationToken);
}
