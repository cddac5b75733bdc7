using Orleans.Storage;
using OrleansChat.Core.Actors;

namespace OrleansChat.Grains.State;

/// <summary>A further state of an actor, such as a page of messages, in the same store and under the same rules as its main state.</summary>
internal sealed class NamedState<T> : IActorState<T>
    where T : class, new()
{
    private readonly GrainState<Snapshot<T>> _stored = new(new Snapshot<T>());
    private readonly IGrainStorage _storage;
    private readonly string _name;
    private readonly GrainId _grain;
    private readonly Action _deactivate;

    private NamedState(IGrainStorage storage, string name, GrainId grain, Action deactivate)
    {
        _storage = storage;
        _name = name;
        _grain = grain;
        _deactivate = deactivate;
    }

    public T Value { get; set; } = new();

    public bool Exists => _stored.RecordExists;

    /// <summary>Reads a state.</summary>
    /// <exception cref="Core.Errors.StorageException">It could not be read.</exception>
    public static async ValueTask<IActorState<T>> OpenAsync(
        IGrainStorage storage, string name, GrainId grain, Action deactivate, CancellationToken cancellationToken)
    {
        var opened = new NamedState<T>(storage, name, grain, deactivate);
        await opened.WaitAsync(storage.ReadStateAsync(name, grain, opened._stored), cancellationToken);
        opened.Value = opened._stored.State?.Value ?? new T();
        return opened;
    }

    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        _stored.State = new Snapshot<T>(Value);
        await WaitAsync(_storage.WriteStateAsync(_name, _grain, _stored), cancellationToken);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        if (_stored.RecordExists)
            await WaitAsync(_storage.ClearStateAsync(_name, _grain, _stored), cancellationToken);

        Value = new T();
    }

    private async Task WaitAsync(Task running, CancellationToken cancellationToken)
    {
        try
        {
            await running.WaitAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw StateFaults.Translate(fault, _name, _grain, _deactivate);
        }
    }
}
