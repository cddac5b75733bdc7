namespace OrleansChat.Core.Caching;

/// <summary>The one owner of a share of the cached answers. Its key is <see cref="CachePlace"/>'s.</summary>
public interface IResponseCacheActor
{
    /// <summary>Finds an answer.</summary>
    /// <param name="id">The request's hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer; null where there is none, or it is too old.</returns>
    ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Keeps an answer; a later one takes its place.</summary>
    /// <param name="id">The request's hash.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken);
}
