using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Caching;

/// <summary>The stored value of <see cref="ResponseCacheActor"/>; the answers are states of their own.</summary>
public sealed class CacheShardState
{
    /// <summary>The answers, oldest first.</summary>
    public List<CacheLine> Lines { get; set; } = [];
}

/// <summary>An answer on record.</summary>
/// <param name="Id">The request's hash.</param>
/// <param name="Until">Until when it may be given.</param>
/// <param name="NanoUsd">What it cost, in nano-dollars.</param>
public sealed record CacheLine(string Id, DateTimeOffset Until, long NanoUsd);

/// <summary>A shard of cached answers, bounded in their number. Calls do not interleave.</summary>
/// <param name="context">The host.</param>
/// <param name="state">The answers.</param>
/// <param name="time">The source of time.</param>
/// <param name="options">The settings.</param>
public sealed class ResponseCacheActor(
    IActorContext context, IActorState<CacheShardState> state, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options) : IResponseCacheActor
{
    /// <summary>Answers that a shard keeps; beyond them, the oldest goes.</summary>
    public const int MaxAnswers = 256;

    /// <summary>Outdated answers that one call clears away at most.</summary>
    private const int MaxCleared = 8;

    private readonly StateFlush _flush = new(state.SaveAsync, context.Deactivate);

    private List<CacheLine> Lines => state.Value.Lines;

    /// <inheritdoc/>
    public async ValueTask<CachedAnswer?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Lines.Find(known => known.Id == id) is not { } line || line.Until <= time.GetUtcNow())
            return null;

        var answer = await OpenAnswerAsync(id, cancellationToken);
        return answer.Exists ? new CachedAnswer(answer.Value.Head, answer.Value.Body, line.NanoUsd) : null;
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string id, CachedAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var settings = options.CurrentValue.Cache;
        if (answer.Body.Length > settings.MaxAnswerBytes)
            return;

        await ClearOutdatedAsync(id);

        // The answer before the record that names it: what is on record can be read.
        var kept = await OpenAnswerAsync(id, cancellationToken);
        kept.Value = new KeptAnswer { Head = answer.Head, Body = answer.Body };
        await kept.SaveAsync(CancellationToken.None);
        Lines.RemoveAll(line => line.Id == id);
        Lines.Add(new CacheLine(id, time.GetUtcNow() + (answer.Ttl ?? settings.Ttl), answer.NanoUsd));
        await _flush.FlushAsync();
    }

    private async ValueTask ClearOutdatedAsync(string id)
    {
        var now = time.GetUtcNow();
        var outdated = Lines.Where(line => line.Until <= now && line.Id != id).Take(MaxCleared).ToList();
        if (outdated.Count == 0 && Lines.Count >= MaxAnswers && Lines.TrueForAll(line => line.Id != id))
            outdated.Add(Lines[0]);

        foreach (var line in outdated)
        {
            // The answer before its line: what nobody names would stay for ever.
            await (await OpenAnswerAsync(line.Id, CancellationToken.None)).ClearAsync(CancellationToken.None);
            Lines.Remove(line);
        }
    }

    private ValueTask<IActorState<KeptAnswer>> OpenAnswerAsync(string id, CancellationToken cancellationToken) =>
        context.OpenStateAsync<KeptAnswer>($"answer/{id}", cancellationToken);
}
