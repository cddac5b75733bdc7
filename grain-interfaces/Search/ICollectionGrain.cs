using Orleans.Concurrency;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.GrainInterfaces.Search;

/// <summary>A collection's catalog, on the cluster.</summary>
[Alias("orleanschat.collection")]
public interface ICollectionGrain : ICollectionActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ICollectionActor.DescribeAsync"/>
    [Alias("describe")]
    new ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.ConfigureAsync"/>
    [Alias("configure")]
    new ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.FindServingAsync"/>
    [Alias("find-serving"), AlwaysInterleave]
    new ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.BeginIngestionAsync"/>
    [Alias("begin-ingestion")]
    new ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.FindTargetsAsync"/>
    [Alias("find-targets"), AlwaysInterleave]
    new ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.StartMigrationAsync"/>
    [Alias("start-migration")]
    new ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.ListMigrationsAsync"/>
    [Alias("list-migrations")]
    new ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.CommandMigrationAsync"/>
    [Alias("command-migration")]
    new ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.LeaseMigrationAsync"/>
    [Alias("lease-migration")]
    new ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.ReportMigrationAsync"/>
    [Alias("report-migration")]
    new ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionActor.ReportTrialAsync"/>
    [Alias("report-trial")]
    new ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken);
}
