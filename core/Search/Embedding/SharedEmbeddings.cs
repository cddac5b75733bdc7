using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>
/// Vectors that outlive this process and that others of a cluster find, each an answer of a cache's actor and so written whole. The cache is never in the
/// way: what it cannot read is embedded, and what it cannot write is not kept.
/// </summary>
/// <param name="actors">The caches' owners.</param>
/// <param name="logger">Told of what could not be read or written.</param>
public sealed partial class SharedEmbeddings(IActorDirectory actors, ILogger<SharedEmbeddings> logger)
{
    private const string Scope = "embeddings";
    private const int Status = 200;

    /// <summary>A vector; null where none is kept.</summary>
    internal async Task<float[]?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await Shard(key).FindAsync(key, cancellationToken) is { } answer ? VectorBytes.Read(answer.Body) : null;
        }
        catch (OrleansChatException failure)
        {
            LogFailed(failure);
            return null;
        }
    }

    /// <summary>Keeps a vector.</summary>
    internal async Task PutAsync(string key, float[] vector, TimeSpan ttl)
    {
        try
        {
            var answer = new CachedAnswer(new AnswerHead(Status, "application/octet-stream"), VectorBytes.Of(vector), 0) { Ttl = ttl };
            await Shard(key).PutAsync(key, answer, CancellationToken.None);
        }
        catch (OrleansChatException failure)
        {
            LogFailed(failure);
        }
    }

    private IResponseCacheActor Shard(string key) => actors.ResponseCache($"{Scope}:{key[..3]}");

    [LoggerMessage(1, LogLevel.Warning, "The shared cache of embeddings could not be used; texts are embedded instead.")]
    private partial void LogFailed(Exception failure);
}
