namespace OrleansChat.Core.Search.Embedding;

/// <summary>Vectors in memory, bounded in their bytes: when there are too many, those that were not asked for longest go. Safe for concurrent use.</summary>
internal sealed class EmbeddingMemory(long maxBytes, TimeProvider time)
{
    // A key, two nodes and an entry, roughly.
    private const int Overhead = 300;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>A vector that is not too old; null where there is none.</summary>
    public float[]? Find(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node))
                return null;
            if (node.Value.Until <= time.GetUtcNow())
            {
                Remove(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Vector;
        }
    }

    /// <summary>Keeps a vector.</summary>
    public void Put(string key, float[] vector, DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var known))
                Remove(known);
            var node = _byUse.AddFirst(new Entry(key, vector, until));
            _entries[key] = node;
            _bytes += SizeOf(node.Value);
            while (_bytes > maxBytes && _byUse.Last is { } last)
                Remove(last);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= SizeOf(node.Value);
    }

    private static long SizeOf(Entry entry) => Overhead + (long)entry.Vector.Length * sizeof(float);

    private sealed record Entry(string Key, float[] Vector, DateTimeOffset Until);
}
