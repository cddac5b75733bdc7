using OrleansChat.Core.Search;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICollectionIndexActor"/> in this process.</summary>
internal sealed class LocalCollectionIndex(ActorReference<ICollectionIndexActor> actor) : ICollectionIndexActor
{
    private static readonly ActorMethod Add = ActorMethod.Of<ICollectionIndexActor>(nameof(AddAsync));
    private static readonly ActorMethod List = ActorMethod.Of<ICollectionIndexActor>(nameof(ListAsync));

    public ValueTask AddAsync(string name, CancellationToken cancellationToken) =>
        actor.CallAsync(Add, static (target, name, token) => target.AddAsync(name, token), name, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(List, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
