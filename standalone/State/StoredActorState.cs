using System.Text.Json;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Standalone.State;

/// <summary>An actor's state as JSON in a store.</summary>
internal sealed class StoredActorState<T> : IActorState<T>
    where T : class, new()
{
    private readonly IStateStore _store;
    private readonly string _key;
    private long _version;

    private StoredActorState(IStateStore store, string key, T value, long version)
    {
        _store = store;
        _key = key;
        _version = version;
        Value = value;
    }

    public T Value { get; set; }

    public bool Exists => _version != 0;

    /// <summary>Reads a state.</summary>
    /// <exception cref="StorageException">It could not be read, or is not what this version writes.</exception>
    public static async ValueTask<IActorState<T>> OpenAsync(IStateStore store, string key, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(key, cancellationToken) is not { } stored)
            return new StoredActorState<T>(store, key, new T(), 0);

        try
        {
            var value = JsonSerializer.Deserialize<T>(stored.Value.Span, JsonSerializerOptions.Web);
            return new StoredActorState<T>(store, key, value ?? new T(), stored.Version);
        }
        catch (JsonException unreadable)
        {
            throw new StorageException($"State '{key}' cannot be read as {typeof(T).Name}.", unreadable);
        }
    }

    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        // Serialised before the first await: what the caller changes later belongs to the next save.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Value, JsonSerializerOptions.Web);
        _version = await _store.WriteAsync(_key, bytes, _version, cancellationToken);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        if (_version != 0)
            await _store.DeleteAsync(_key, _version, cancellationToken);

        _version = 0;
        Value = new T();
    }
}
