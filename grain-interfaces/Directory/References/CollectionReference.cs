using OrleansChat.Core.Search;
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
}
