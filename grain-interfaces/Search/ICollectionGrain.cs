using Orleans.Concurrency;
using OrleansChat.Core.Search;

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
}
