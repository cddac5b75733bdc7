using System.Text.Json;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Testing.Actors;

/// <summary>An actor's state in memory, through JSON as in a real host: what is not saved is lost with the activation.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class InMemoryActorState<T> : IActorState<T>
    where T : class, new()
{
    private readonly InMemoryStore _store;
    private readonly string _key;
    private readonly Func<bool> _isDead;
    private long _version;

    /// <summary>Reads a state.</summary>
    /// <param name="store">Where it is kept.</param>
    /// <param name="key">Its key.</param>
    /// <param name="isDead">Whether the activation's host has died: its writes then neither happen nor return.</param>
    public InMemoryActorState(InMemoryStore store, string key, Func<bool>? isDead = null)
    {
        _store = store;
        _key = key;
        _isDead = isDead ?? (static () => false);
        var (value, version) = store.Read(key);
        _version = version;
        Value = value is null ? new T() : JsonSerializer.Deserialize<T>(value, JsonSerializerOptions.Web)!;
    }

    /// <inheritdoc/>
    public T Value { get; set; }

    /// <inheritdoc/>
    public bool Exists => _version != 0;

    /// <inheritdoc/>
    public async ValueTask SaveAsync(CancellationToken cancellationToken) =>
        await WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Value, JsonSerializerOptions.Web));

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(null);
        Value = new T();
    }

    private async Task WriteAsync(byte[]? value)
    {
        _version = await _store.WriteAsync(_key, value, _version, _isDead)
            ?? throw new StorageException($"State '{_key}' was written by somebody else.");
    }
}
