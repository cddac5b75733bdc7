using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Trials;
using OrleansChat.GrainInterfaces.Search;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Search;

/// <summary>Hosts <see cref="CollectionActor"/>.</summary>
[GrainType("collection"), CollectionAgeLimit(Minutes = 30)]
internal sealed class CollectionGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<CollectionState>> state)
    : ActorGrain<CollectionActor, CollectionState>(state), ICollectionGrain
{
    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) => Actor.DescribeAsync(cancellationToken);

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        Actor.ConfigureAsync(settings, cancellationToken);

    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) => Actor.FindServingAsync(cancellationToken);

    public ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken) =>
        Actor.BeginIngestionAsync(documents, cancellationToken);

    public ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken) =>
        Actor.FindTargetsAsync(cancellationToken);

    public ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken) =>
        Actor.StartMigrationAsync(id, settings, cancellationToken);

    public ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken) =>
        Actor.ListMigrationsAsync(cancellationToken);

    public ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken) =>
        Actor.CommandMigrationAsync(id, command, cancellationToken);

    public ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken) =>
        Actor.LeaseMigrationAsync(worker, cancellationToken);

    public ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken) =>
        Actor.ReportMigrationAsync(id, progress, cancellationToken);

    public ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken) =>
        Actor.ReportTrialAsync(version, trial, cancellationToken);
}
