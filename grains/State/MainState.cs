using OrleansChat.Core.Actors;

namespace OrleansChat.Grains.State;

/// <summary>What is the same for every main state.</summary>
internal static class MainState
{
    /// <summary>The name of every actor's main state.</summary>
    public const string Name = "main";
}

/// <summary>An actor's main state over Orleans' own.</summary>
internal sealed class MainState<T>(IPersistentState<Snapshot<T>> stored, IGrainContext grain, Action deactivate) : IActorState<T>
    where T : class, new()
{
    public T Value { get; set; } = stored.State.Value ?? new T();

    public bool Exists => stored.RecordExists;

    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        stored.State = new Snapshot<T>(Value);
        await WaitAsync(stored.WriteStateAsync(CancellationToken.None), cancellationToken);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        if (stored.RecordExists)
            await WaitAsync(stored.ClearStateAsync(CancellationToken.None), cancellationToken);

        Value = new T();
    }

    private async Task WaitAsync(Task writing, CancellationToken cancellationToken)
    {
        try
        {
            await writing.WaitAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw StateFaults.Translate(fault, MainState.Name, grain.GrainId, deactivate);
        }
    }
}
