using OrleansChat.Core.Caching;
using OrleansChat.GrainInterfaces.Caching;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IResponseCacheGrain"/>.</summary>
internal sealed class ResponseCacheReference(IResponseCacheGrain grain, CallRepetition calls) : IResponseCacheActor
{
    public ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, id, token) => target.FindAsync(id, token), id, cancellationToken);

    public ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.PutAsync(call.id, call.answer, token), (id, answer), cancellationToken);
}
