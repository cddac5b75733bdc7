using Orleans.Storage;
using OrleansChat.Core.Errors;

namespace OrleansChat.Grains.State;

/// <summary>
/// The edge of the store: a failure of its client becomes a <see cref="StorageException"/>. Orleans passes what it catches on to callers as it is, as when an
/// activation reads its state, and a gateway does not have the client's exceptions.
/// </summary>
/// <param name="store">The store.</param>
public sealed class TranslatingStorage(IGrainStorage store) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        TranslateAsync(store.ReadStateAsync(stateName, grainId, grainState), stateName, grainId);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        TranslateAsync(store.WriteStateAsync(stateName, grainId, grainState), stateName, grainId);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        TranslateAsync(store.ClearStateAsync(stateName, grainId, grainState), stateName, grainId);

    private static async Task TranslateAsync(Task call, string name, GrainId grain)
    {
        try
        {
            await call;
        }
        catch (Exception fault) when (fault is not InconsistentStateException and not OperationCanceledException and not OrleansChatException)
        {
            throw new StorageException($"State '{name}' of {grain} could not be read or written.", fault);
        }
    }
}
