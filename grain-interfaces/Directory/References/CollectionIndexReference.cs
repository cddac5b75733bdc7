using OrleansChat.Core.Search;
using OrleansChat.GrainInterfaces.Search;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ICollectionIndexGrain"/>.</summary>
internal sealed class CollectionIndexReference(ICollectionIndexGrain grain, CallRepetition calls) : ICollectionIndexActor
{
    public ValueTask AddAsync(string name, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, name, token) => target.AddAsync(name, token), name, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
