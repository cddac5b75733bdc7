using OrleansChat.Core.Search;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICollectionActor"/> in this process.</summary>
internal sealed class LocalCollection(ActorReference<ICollectionActor> actor) : ICollectionActor
{
    private static readonly ActorMethod Describe = ActorMethod.Of<ICollectionActor>(nameof(DescribeAsync));
    private static readonly ActorMethod Configure = ActorMethod.Of<ICollectionActor>(nameof(ConfigureAsync));

    public ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Describe, static (target, _, token) => target.DescribeAsync(token), true, cancellationToken);

    public ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken) =>
        actor.CallAsync(Configure,
            static (target, settings, token) => target.ConfigureAsync(settings, token),
            settings,
            cancellationToken);
}
