using System.Globalization;
using Orleans.Storage;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Cluster.Bench.Accuracy;

/// <summary>A store in this process that all silos share.</summary>
/// <param name="store">What it keeps.</param>
/// <param name="serializer">Makes bytes of states.</param>
internal sealed class MemoryStorage(InMemoryStore store, IGrainStorageSerializer serializer) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Task.Yield();
        var (value, version) = store.Read(KeyOf(stateName, grainId));
        grainState.State = value is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(BinaryData.FromBytes(value));
        (grainState.ETag, grainState.RecordExists) = (TagOf(version), value is not null);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var value = serializer.Serialize(grainState.State).ToArray();
        grainState.ETag = TagOf(await WriteAsync(KeyOf(stateName, grainId), value, grainState.ETag));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await WriteAsync(KeyOf(stateName, grainId), null, grainState.ETag);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
    }

    private static string KeyOf(string name, GrainId grain) => $"{grain}/{name}";

    private static string? TagOf(long version) => version == 0 ? null : version.ToString(CultureInfo.InvariantCulture);

    private async Task<long> WriteAsync(string key, byte[]? value, string? tag)
    {
        var expected = tag is null ? 0 : long.Parse(tag, CultureInfo.InvariantCulture);
        return await store.WriteAsync(key, value, expected, static () => false)
            ?? throw new InconsistentStateException($"Version conflict at {key}.", store.Read(key).Version.ToString(CultureInfo.InvariantCulture), tag);
    }
}
