using System.Collections.Concurrent;

namespace OrleansChat.Testing.Actors;

/// <summary>
/// The durable side of <see cref="InMemoryActorState{T}"/>: what was saved, as bytes with a version. It outlives activations, so a new one
/// over the same store sees exactly what a crash would have left.
/// </summary>
public sealed class InMemoryStore
{
    private readonly ConcurrentDictionary<string, (byte[] Value, long Version)> _values = new(StringComparer.Ordinal);
    private long _versions;
    private int _reads;
    private int _writes;

    /// <summary>Awaited before each write takes effect, with the written key; a test may hold it or throw.</summary>
    public Func<string, Task>? BeforeWrite { get; set; }

    /// <summary>Told of each written key when its write has taken effect.</summary>
    public Action<string>? AfterWrite { get; set; }

    /// <summary>States read so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>States written or removed so far.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>The keys that hold a value.</summary>
    public IReadOnlyCollection<string> Keys => [.. _values.Keys];

    /// <summary>Reads a value.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>Its bytes and version; no bytes and 0 when there is none.</returns>
    public (byte[]? Value, long Version) Read(string key)
    {
        Interlocked.Increment(ref _reads);
        return _values.TryGetValue(key, out var found) ? found : (null, 0);
    }

    /// <summary>Writes or removes a value if nobody wrote since the version that is replaced.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its bytes; null to remove it.</param>
    /// <param name="expected">The version that is replaced; 0 for none.</param>
    /// <param name="isDead">Whether the host that writes has died meanwhile.</param>
    /// <returns>The new version; null when somebody else was first.</returns>
    public async Task<long?> WriteAsync(string key, byte[]? value, long expected, Func<bool> isDead)
    {
        // Never at once, as no store does.
        await Task.Yield();
        if (BeforeWrite is { } before)
            await before(key);

        Interlocked.Increment(ref _writes);
        var version = Interlocked.Increment(ref _versions);
        bool isLost;
        lock (_values)
        {
            isLost = isDead();
            if (!isLost && (_values.TryGetValue(key, out var known) ? known.Version : 0) != expected)
                return null;

            if (!isLost && value is null)
                _values.TryRemove(key, out _);
            else if (!isLost)
                _values[key] = (value!, version);
        }

        // A write of a host that died meanwhile neither happens nor returns.
        if (isLost)
            await new TaskCompletionSource().Task;

        AfterWrite?.Invoke(key);
        return value is null ? 0 : version;
    }
}
