using OrleansChat.Core.Caching;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IResponseCacheActor"/> in this process.</summary>
internal sealed class LocalResponseCache(ActorReference<IResponseCacheActor> actor) : IResponseCacheActor
{
    private static readonly ActorMethod Find = ActorMethod.Of<IResponseCacheActor>(nameof(FindAsync));
    private static readonly ActorMethod Put = ActorMethod.Of<IResponseCacheActor>(nameof(PutAsync));

    public ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken) =>
        actor.CallAsync(Find, static (target, id, token) => target.FindAsync(id, token), id, cancellationToken);

    public ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken) =>
        actor.CallAsync(Put, static (target, call, token) => target.PutAsync(call.id, call.answer, token), (id, answer), cancellationToken);
}
