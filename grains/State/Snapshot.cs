using System.Text.Json.Serialization;

namespace OrleansChat.Grains.State;

/// <summary>
/// What a store is given: a value as JSON of the moment in which it was saved. A store may serialise later than it is called; the actor
/// may have changed the value by then.
/// </summary>
/// <typeparam name="T">The value.</typeparam>
[JsonConverter(typeof(SnapshotConverterFactory))]
internal sealed class Snapshot<T>
    where T : class, new()
{
    /// <summary>An empty snapshot: nothing is stored.</summary>
    public Snapshot()
    {
    }

    /// <summary>A snapshot of a value as it is now.</summary>
    public Snapshot(T value) => Json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, StateJson.Options);

    /// <summary>The value as it was read; null in a snapshot to be written.</summary>
    public T? Value { get; init; }

    /// <summary>The value as it is to be written; null in a snapshot that was read.</summary>
    public byte[]? Json { get; }
}
