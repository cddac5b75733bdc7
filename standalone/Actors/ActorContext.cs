using OrleansChat.Core.Actors;
using OrleansChat.Standalone.State;

namespace OrleansChat.Standalone.Actors;

/// <summary>What one activation is given.</summary>
internal sealed class ActorContext<TActor>(ActorKind<TActor> kind, Activation<TActor> activation) : IActorContext
    where TActor : class
{
    private DateTimeOffset _heldUntil;

    public string Key => activation.Key;

    public IActorDirectory Actors => kind.Host.Directory;

    /// <summary>Whether the actor asked to be kept.</summary>
    public bool IsHeld => kind.Host.Time.GetUtcNow() < _heldUntil;

    public ValueTask<IActorState<T>> OpenStateAsync<T>(string name, CancellationToken cancellationToken)
        where T : class, new() =>
        StoredActorState<T>.OpenAsync(kind.Host.Store, StateKey.Of(kind.Name, Key, name), cancellationToken);

    public void DelayDeactivation(TimeSpan duration)
    {
        var until = kind.Host.Time.GetUtcNow() + duration;
        if (until > _heldUntil)
            _heldUntil = until;
    }

    public void Deactivate() => activation.Post(static state => ((Activation<TActor>)state!).RequestEnd(), activation);
}
