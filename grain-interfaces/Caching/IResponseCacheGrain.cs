using OrleansChat.Core.Caching;

namespace OrleansChat.GrainInterfaces.Caching;

/// <summary>A share of the cached answers, on the cluster.</summary>
[Alias("orleanschat.response-cache")]
public interface IResponseCacheGrain : IResponseCacheActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IResponseCacheActor.FindAsync"/>
    [Alias("find")]
    new ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken);

    /// <inheritdoc cref="IResponseCacheActor.PutAsync"/>
    [Alias("put")]
    new ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken);
}
