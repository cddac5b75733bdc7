using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>
/// Vectors of texts for search, each paid for once: from memory, from the cache that all share, from a call of this process that is under way for the same
/// text, and only then from the upstream. The built-in model is computed here and never cached.
/// </summary>
public sealed class SearchEmbeddings
{
    private readonly IUpstreams _upstreams;
    private readonly SearchCalls? _calls;
    private readonly SharedEmbeddings? _shared;
    private readonly EmbeddingMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly EmbeddingsOptions _options;
    private readonly EmbeddingMemory _memory;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<float[]>> _underWay = new(StringComparer.Ordinal);

    /// <summary>Embeds through upstreams.</summary>
    /// <param name="upstreams">The models.</param>
    /// <param name="time">The clock of what is too old.</param>
    /// <param name="options">The cache's bounds.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="shared">The cache that all share; null for memory alone.</param>
    /// <param name="calls">Limits, budgets and breakers; null for none.</param>
    public SearchEmbeddings(
        IUpstreams upstreams,
        TimeProvider time,
        IOptions<OrleansChatOptions> options,
        EmbeddingMetrics metrics,
        SharedEmbeddings? shared = null,
        SearchCalls? calls = null)
    {
        (_upstreams, _shared, _metrics, _time, _calls) = (upstreams, shared, metrics, time, calls);
        _options = options.Value.Embeddings;
        _memory = new EmbeddingMemory(_options.CacheMegabytes * 1024L * 1024L, time);
    }

    /// <summary>A model's generator, as it is: for what it says of itself.</summary>
    /// <param name="model">The model as <c>upstream/model</c>.</param>
    /// <returns>The generator.</returns>
    /// <exception cref="RequestException">There is no such model.</exception>
    public IEmbeddingGenerator<string, Embedding<float>> Generator(string model) => _upstreams.Embeddings(Target(model));

    /// <summary>The window of one upload or migration.</summary>
    internal EmbeddingWindow OpenWindow() => new(_options.MaxConcurrentCalls);

    /// <summary>The vectors of texts, in order.</summary>
    /// <param name="model">The model as <c>upstream/model</c>.</param>
    /// <param name="purpose">What the texts are embedded for.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="payer">Who pays for those that no cache has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A vector for each text.</returns>
    /// <exception cref="RequestException">There is no such model, or a limit or a budget refused the call.</exception>
    /// <exception cref="OrleansChatException">The model failed, gave another number of vectors, or its breaker is open.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(
        string model, EmbeddingPurpose purpose, IReadOnlyList<string> texts, SearchPayer payer, CancellationToken cancellationToken)
    {
        var calls = new EmbeddingCalls(_upstreams, _calls, Target(model), purpose, payer);
        if (calls.IsBuiltin || _options.CacheTtl <= TimeSpan.Zero)
            return await calls.GenerateAsync(texts, cancellationToken);

        string[] keys = [.. texts.Select(text => EmbeddingKey.Of(model, calls.IsPurposeful ? purpose : null, text))];
        var found = new ConcurrentDictionary<string, float[]>(StringComparer.Ordinal);
        await FindAsync(keys, found, cancellationToken);
        while (keys.Index().Where(key => !found.ContainsKey(key.Item)).ToList() is { Count: > 0 } missing)
            await EmbedMissingAsync(calls, missing, texts, found, cancellationToken);
        return [.. keys.Select(key => (ReadOnlyMemory<float>)found[key])];
    }

    private async Task FindAsync(string[] keys, ConcurrentDictionary<string, float[]> found, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            if (_memory.Find(key) is { } vector)
                found[key] = vector;
        }

        _metrics.Count("memory", found.Count);
        if (_shared is null)
            return;
        var shared = 0;
        await Task.WhenAll(keys.Where(key => !found.ContainsKey(key)).Distinct().Select(async key =>
        {
            if (await _shared.FindAsync(key, cancellationToken) is not { } vector)
                return;
            found[key] = vector;
            _memory.Put(key, vector, _time.GetUtcNow() + _options.CacheTtl);
            Interlocked.Increment(ref shared);
        }));
        _metrics.Count("shared", shared);
    }

    // What another call has under way is waited for; what is left is asked for in one call. A call that failed leaves its texts to whoever waited.
    private async Task EmbedMissingAsync(
        EmbeddingCalls calls,
        List<(int Index, string Key)> missing,
        IReadOnlyList<string> texts,
        ConcurrentDictionary<string, float[]> found,
        CancellationToken cancellationToken)
    {
        var mine = new Dictionary<string, (string Text, TaskCompletionSource<float[]> Call)>(StringComparer.Ordinal);
        var others = new Dictionary<string, Task<float[]>>(StringComparer.Ordinal);
        foreach (var (index, key) in missing)
        {
            if (mine.ContainsKey(key) || others.ContainsKey(key))
                continue;
            var call = new TaskCompletionSource<float[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = _underWay.GetOrAdd(key, call);
            if (first == call)
                mine[key] = (texts[index], call);
            else
                others[key] = first.Task;
        }

        await EmbedMineAsync(calls, mine, found, cancellationToken);
        foreach (var (key, call) in others)
        {
            await ((Task)call).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (call.IsCompletedSuccessfully)
                found[key] = await call;
        }

        _metrics.Count("joined", others.Count(call => call.Value.IsCompletedSuccessfully));
    }

    private async Task EmbedMineAsync(
        EmbeddingCalls calls,
        Dictionary<string, (string Text, TaskCompletionSource<float[]> Call)> mine,
        ConcurrentDictionary<string, float[]> found,
        CancellationToken cancellationToken)
    {
        if (mine.Count == 0)
            return;
        try
        {
            var vectors = await calls.GenerateAsync([.. mine.Values.Select(text => text.Text)], cancellationToken);
            _metrics.Count("upstream", mine.Count);
            foreach (var ((key, (_, call)), vector) in mine.Zip(vectors))
            {
                var kept = vector.ToArray();
                found[key] = kept;
                _memory.Put(key, kept, _time.GetUtcNow() + _options.CacheTtl);
                call.TrySetResult(kept);
            }

            if (_shared is not null)
                await Task.WhenAll(mine.Keys.Select(key => _shared.PutAsync(key, found[key], _options.CacheTtl)));
        }
        finally
        {
            foreach (var (key, (_, call)) in mine)
            {
                _underWay.TryRemove(new KeyValuePair<string, TaskCompletionSource<float[]>>(key, call));
                call.TrySetCanceled(CancellationToken.None);
            }
        }
    }

    private static UpstreamTarget Target(string model) => UpstreamTarget.TryParse(model, out var target)
        ? target
        : throw RequestException.Invalid("embeddingModel", $"'{model}' is not an embedding model.", "Name it as upstream/model, such as builtin/hashing.");
}
