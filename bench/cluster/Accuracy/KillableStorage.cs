using Orleans.Storage;

namespace OrleansChat.Cluster.Bench.Accuracy;

/// <summary>
/// One silo's way to the store that all share: once the silo is dead, it reads and writes nothing and never hears an answer. A write that was under way by then may
/// still arrive, as one does that the network has already.
/// </summary>
/// <param name="store">The store.</param>
internal sealed class KillableStorage(IGrainStorage store) : IGrainStorage
{
    private volatile bool _isDead;
    private volatile bool _isStalled;

    /// <summary>The silo dies.</summary>
    public void Kill() => _isDead = true;

    /// <summary>No write that begins from here on ends: the silo dies before.</summary>
    public void Stall() => _isStalled = true;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        HearAsync(_isDead, () => store.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        HearAsync(_isDead || _isStalled, () => store.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        HearAsync(_isDead || _isStalled, () => store.ClearStateAsync(stateName, grainId, grainState));

    private async Task HearAsync(bool isCut, Func<Task> call)
    {
        try
        {
            if (!isCut)
                await call();
        }
        finally
        {
            // Not even of a failure.
            if (isCut || _isDead)
                await new TaskCompletionSource().Task;
        }
    }
}
