using OrleansChat.Core.Search;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICollectionActor"/> in this process.</summary>
internal sealed class LocalCollection(ActorReference<ICollectionActor> actor) : ICollectionActor
{
    private static readonly ActorMethod Describe = ActorMethod.Of<ICollectionActor>(nameof(DescribeAsync));
    private static readonly ActorMethod Configure = ActorMethod.Of<ICollectionActor>(nameof(ConfigureAsync));
    private static readonly ActorMethod FindServing = ActorMethod.Of<ICollectionActor>(nameof(FindServingAsync));
    private static readonly ActorMethod BeginIngestion = ActorMethod.Of<ICollectionActor>(nameof(BeginIngestionAsync));

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
}
