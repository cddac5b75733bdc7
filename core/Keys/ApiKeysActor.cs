using System.Runtime.CompilerServices;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Keys;

/// <summary>The stored value of <see cref="ApiKeysActor"/>.</summary>
public sealed class ApiKeysState
{
    /// <summary>Counts the changes.</summary>
    public long Version { get; set; }

    /// <summary>The keys, in the order in which they were made.</summary>
    public List<IssuedKey> Keys { get; set; } = [];

    /// <summary>The ids of all keys that ever took part.</summary>
    public HashSet<string> Ledgers { get; set; } = [];
}

/// <summary>The keys that are made at run time: a change is durable before anybody sees it.</summary>
public sealed class ApiKeysActor : IApiKeysActor
{
    /// <summary>The only key of the actor.</summary>
    public const string Key = "all";

    /// <summary>The most keys that are kept, revoked ones included.</summary>
    public const int MaxKeys = 10_000;

    private readonly IActorState<ApiKeysState> _state;
    private readonly TimeProvider _time;
    private readonly StateFlush _flush;
    private TaskCompletionSource _changed = NewSignal();
    private KeyList _published;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The keys.</param>
    /// <param name="time">The source of time.</param>
    public ApiKeysActor(IActorContext context, IActorState<ApiKeysState> state, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        _state = state;
        _time = time;
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);
        _published = Snapshot();
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> CreateAsync(IssuedKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var keys = _state.Value.Keys;
        if (keys.Find(known => SameId(known.Id, key.Id)) is { } taken)
        {
            return taken.Id == key.Id && taken.SecretHash == key.SecretHash
                ? new(_published)
                : throw RequestException.Invalid("id", $"The id '{key.Id}' is taken.", "Choose another; an id is never given twice, as its ledger stays.");
        }

        if (_state.Value.Ledgers.FirstOrDefault(known => SameId(known, key.Id)) is not null)
            throw RequestException.Invalid("id", $"The id '{key.Id}' was that of another key.", "Choose another; an id is never given twice, as its ledger and its sessions stay.");

        if (keys.Count >= MaxKeys)
            throw RequestException.Invalid("id", $"There are {MaxKeys} keys, revoked ones included, and no more are kept.");

        keys.Add(key);
        _state.Value.Ledgers.Add(key.Id);
        return PublishAsync();
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> ChangeAsync(string id, KeyChanges changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return ReplaceAsync(FindLiving(id), changes.ApplyTo);
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> RotateAsync(string id, string secretHash, DateTimeOffset previousUntil, CancellationToken cancellationToken)
    {
        var place = FindLiving(id);
        return _state.Value.Keys[place].SecretHash == secretHash
            ? new(_published)
            : ReplaceAsync(place, known => known.Rotate(secretHash, previousUntil, _time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        var place = Find(id);
        return _state.Value.Keys[place].RevokedAt is not null
            ? new(_published)
            : ReplaceAsync(place, known => known with { RevokedAt = _time.GetUtcNow() });
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> NoteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var ledgers = _state.Value.Ledgers;
        var before = ledgers.Count;
        ledgers.UnionWith(ids);
        return ledgers.Count == before ? new(_published) : PublishAsync();
    }

    /// <inheritdoc/>
    public ValueTask<KeyList> ListAsync(CancellationToken cancellationToken) => new(_published);

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyList> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var seen = _published; ; seen = _published)
        {
            yield return seen;
            while (_published == seen)
                await _changed.Task.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Case apart, ids are one too: people and file systems take them for the same.
    private static bool SameId(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private int FindLiving(string id)
    {
        var place = Find(id);
        return _state.Value.Keys[place].RevokedAt is null
            ? place
            : throw RequestException.Invalid("id", $"Key '{id}' was revoked.", "Make a new key.");
    }

    private int Find(string id) => _state.Value.Keys.FindIndex(known => known.Id == id) is >= 0 and var place
        ? place
        : throw RequestException.NotFound("key", id);

    private ValueTask<KeyList> ReplaceAsync(int place, Func<IssuedKey, IssuedKey> change)
    {
        _state.Value.Keys[place] = change(_state.Value.Keys[place]);
        return PublishAsync();
    }

    /// <summary>Makes a change durable, then tells the watchers. Calls do not interleave, so the state holds this change alone.</summary>
    private async ValueTask<KeyList> PublishAsync()
    {
        _state.Value.Version++;
        await _flush.FlushAsync();
        _published = Snapshot();
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
        return _published;
    }

    private KeyList Snapshot() => new(_state.Value.Version, [.. _state.Value.Keys], [.. _state.Value.Ledgers]);
}
