using System.Text.Json;
using Orleans.Storage;

namespace OrleansChat.Grains.Tests.State;

/// <summary>A store of one state that refuses who does not know its version, as Redis' does.</summary>
internal sealed class VersionedStorage : IGrainStorage
{
    private int _version;

    /// <summary>What is stored.</summary>
    public string? Json { get; private set; }

    /// <summary>Writes and removals that took place.</summary>
    public int Writes { get; private set; }

    /// <summary>Thrown by every call; null for none.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Completes before a write looks at what it is given.</summary>
    public Task Before { get; set; } = Task.CompletedTask;

    /// <summary>Writes as another activation would.</summary>
    public void WriteElsewhere(string json) => (Json, _version) = (json, _version + 1);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfBroken();
        grainState.ETag = VersionOf();
        grainState.RecordExists = Json is not null;
        grainState.State = Json is null ? Activator.CreateInstance<T>() : JsonSerializer.Deserialize<T>(Json)!;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Before;
        Check(grainState);
        (Json, _version) = (JsonSerializer.Serialize(grainState.State), _version + 1);
        Writes++;
        grainState.ETag = VersionOf();
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(grainState);
        Json = null;
        Writes++;
        grainState.ETag = VersionOf();
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private string? VersionOf() => Json is null ? null : _version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Check<T>(IGrainState<T> state)
    {
        ThrowIfBroken();
        if (state.ETag != VersionOf())
            throw new InconsistentStateException("Version conflict.", VersionOf(), state.ETag);
    }

    private void ThrowIfBroken()
    {
        if (Fault is { } fault)
            throw fault;
    }
}
