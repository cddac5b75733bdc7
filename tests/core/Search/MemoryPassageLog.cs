using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Tests.Search;

/// <summary>What a crash leaves is what was written.</summary>
internal sealed class MemoryPassageLog : IPassageLog
{
    private readonly ConcurrentDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    /// <summary>Awaited before each write or deletion takes effect, with its key; may hold or throw.</summary>
    public Func<string, Task>? BeforeWrite { get; set; }

    public int MaxValueBytes { get; set; } = 1 << 20;

    public IEnumerable<string> Keys => _values.Keys;

    public void Set(string key, byte[] value) => _values[key] = value;

    public async ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value)
    {
        if (BeforeWrite is { } before)
            await before(key);
        Assert.InRange(key.Length, 1, PassageLogKey.MaxLength);
        _values[key] = value.ToArray();
    }

    public async ValueTask DeleteAsync(string key)
    {
        if (BeforeWrite is { } before)
            await before(key);
        _values.TryRemove(key, out _);
    }

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadAllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var (key, value) in _values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            yield return new(key, value);
    }
}
