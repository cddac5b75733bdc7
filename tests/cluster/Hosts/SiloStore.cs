using Orleans.Storage;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>One silo's way to the <see cref="SharedStore"/>. A silo that was killed lives on in this process, but writes nothing any more.</summary>
internal sealed class SiloStore(SharedStore store, IGrainStorageSerializer serializer) : IGrainStorage
{
    private volatile bool _isDead;

    /// <summary>The silo dies: nothing that it writes from now on happens, and no call returns.</summary>
    public void Kill() => _isDead = true;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await PassAsync();
        var stored = store.Read(stateName, grainId);
        grainState.ETag = stored?.Version;
        grainState.RecordExists = stored is not null;
        grainState.State = stored is { } state ? serializer.Deserialize<T>(state.Json) : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var json = serializer.Serialize(grainState.State);
        await PassAsync();
        grainState.ETag = store.Write(stateName, grainId, grainState.ETag, json);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await PassAsync();
        grainState.ETag = store.Write(stateName, grainId, grainState.ETag, null);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    private async Task PassAsync()
    {
        await Task.Yield();
        await store.Free;
        if (_isDead)
            await new TaskCompletionSource().Task;
    }
}
