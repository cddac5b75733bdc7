using OrleansChat.Core.Search;

namespace OrleansChat.GrainInterfaces.Search;

/// <summary>The names of all collections, on the cluster.</summary>
[Alias("orleanschat.collection-index")]
public interface ICollectionIndexGrain : ICollectionIndexActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ICollectionIndexActor.AddAsync"/>
    [Alias("add")]
    new ValueTask AddAsync(string name, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICollectionIndexActor.ListAsync"/>
    [Alias("list")]
    new ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
