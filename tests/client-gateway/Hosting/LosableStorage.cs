using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansChat.Grains.State;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>States in memory, of which those of some kinds of grains can be lost for a while, as where a part of the store's shards is.</summary>
internal sealed class LosableStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (string Version, BinaryData Json)> _states = new(StringComparer.Ordinal);
    private IGrainStorageSerializer _serializer = null!;
    private long _writes;

    /// <summary>The kinds of grains whose states can be neither read nor written.</summary>
    public IReadOnlyList<string> Lost { get; set; } = [];

    /// <summary>Replaces the store of a silo.</summary>
    public void Replace(IServiceCollection services) => services.AddKeyedSingleton<IGrainStorage>(StateStores.Actors, (provider, _) =>
    {
        _serializer = provider.GetRequiredService<IGrainStorageSerializer>();
        return new TranslatingStorage(this);
    });

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await PassAsync(grainId);
        var isFound = _states.TryGetValue($"{grainId}/{stateName}", out var stored);
        grainState.RecordExists = isFound;
        grainState.ETag = isFound ? stored.Version : null;
        grainState.State = isFound ? _serializer.Deserialize<T>(stored.Json) : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var json = _serializer.Serialize(grainState.State);
        await PassAsync(grainId);
        grainState.ETag = $"{Interlocked.Increment(ref _writes)}";
        grainState.RecordExists = true;
        _states[$"{grainId}/{stateName}"] = (grainState.ETag, json);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await PassAsync(grainId);
        _states.TryRemove($"{grainId}/{stateName}", out _);
        (grainState.RecordExists, grainState.ETag, grainState.State) = (false, null, Activator.CreateInstance<T>());
    }

    private async Task PassAsync(GrainId grain)
    {
        await Task.Yield();
        if (Lost.Contains(grain.Type.ToString()))
            throw new IOException($"The store of {grain.Type} is lost.");
    }
}
