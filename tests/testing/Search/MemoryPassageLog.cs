using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Testing.Search;

/// <summary>A log in memory: what a crash leaves is what was written.</summary>
public sealed class MemoryPassageLog : IPassageLog
{
    private readonly ConcurrentDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    /// <summary>Awaited before each write or deletion takes effect, with its key; may hold or throw.</summary>
    public Func<string, Task>? BeforeWrite { get; set; }

    /// <inheritdoc cref="IPassageLog.MaxValueBytes"/>
    public int MaxValueBytes { get; set; } = 1 << 20;

    /// <summary>The keys that there are.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Puts a value in its place as if it had been written.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public void Set(string key, byte[] value) => _values[key] = value;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value)
    {
        if (BeforeWrite is { } before)
            await before(key);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, PassageLogKey.MaxLength);
        _values[key] = value.ToArray();
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key)
    {
        if (BeforeWrite is { } before)
            await before(key);
        _values.TryRemove(key, out _);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadAllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var (key, value) in _values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            yield return new(key, value);
    }
}
