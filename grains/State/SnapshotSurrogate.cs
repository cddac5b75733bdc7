using System.Text.Json;

namespace OrleansChat.Grains.State;

/// <summary>What a <see cref="Snapshot{T}"/> is on its way to another silo, when its activation moves there: the same JSON as in the store.</summary>
/// <typeparam name="T">The value.</typeparam>
[GenerateSerializer, Alias("orleanschat.snapshot`1")]
internal struct SnapshotSurrogate<T>
    where T : class, new()
{
    /// <summary>The value; null for none.</summary>
    [Id(0)]
    public byte[]? Json { get; set; }
}

/// <summary>Takes a state along when its activation moves.</summary>
/// <typeparam name="T">The value.</typeparam>
[RegisterConverter]
internal sealed class SnapshotMove<T> : IConverter<Snapshot<T>, SnapshotSurrogate<T>>
    where T : class, new()
{
    public Snapshot<T> ConvertFromSurrogate(in SnapshotSurrogate<T> surrogate) =>
        new() { Value = surrogate.Json is { } json ? JsonSerializer.Deserialize<T>(json, StateJson.Options) : null };

    public SnapshotSurrogate<T> ConvertToSurrogate(in Snapshot<T> value) => new()
    {
        Json = value.Json ?? (value.Value is { } read ? JsonSerializer.SerializeToUtf8Bytes(read, StateJson.Options) : null),
    };
}
