using OrleansChat.Core.Actors;

namespace OrleansChat.Testing.Actors;

/// <summary>An activation over an <see cref="InMemoryStore"/>, whose host can be killed.</summary>
/// <param name="store">Where states are kept.</param>
/// <param name="kind">What sets actors with the same key apart.</param>
/// <param name="key">The actor's key.</param>
/// <param name="actors">The other actors.</param>
public sealed class InMemoryActorContext(InMemoryStore store, string kind, string key, IActorDirectory actors) : IActorContext
{
    private volatile bool _dead;

    /// <inheritdoc/>
    public string Key => key;

    /// <inheritdoc/>
    public IActorDirectory Actors => actors;

    /// <summary>Whether the actor asked for its end.</summary>
    public bool IsDeactivationRequested { get; private set; }

    /// <summary>How long the actor last asked to be kept.</summary>
    public TimeSpan Delayed { get; private set; }

    /// <summary>The host dies: nothing that this activation writes from now on happens.</summary>
    public void Kill() => _dead = true;

    /// <summary>Reads the actor's main state.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <returns>The state.</returns>
    public IActorState<T> MainState<T>()
        where T : class, new() =>
        new InMemoryActorState<T>(store, $"{kind}/{key}/main", () => _dead);

    /// <inheritdoc/>
    public async ValueTask<IActorState<T>> OpenStateAsync<T>(string name, CancellationToken cancellationToken)
        where T : class, new()
    {
        await Task.Yield();
        return new InMemoryActorState<T>(store, $"{kind}/{key}/{name}", () => _dead);
    }

    /// <inheritdoc/>
    public void DelayDeactivation(TimeSpan duration) => Delayed = duration;

    /// <inheritdoc/>
    public void Deactivate() => IsDeactivationRequested = true;
}
