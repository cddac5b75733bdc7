using System.Collections.Concurrent;
using OrleansChat.Core.Actors;

namespace OrleansChat.Standalone.Actors;

/// <summary>Creates an actor of one class for an activation; the state that it needs is read by then.</summary>
/// <typeparam name="TActor">The actor class.</typeparam>
/// <param name="context">What the host gives to the activation.</param>
/// <param name="cancellationToken">Cancelled when the host stops.</param>
/// <returns>The actor.</returns>
internal delegate ValueTask<TActor> ActorFactory<TActor>(IActorContext context, CancellationToken cancellationToken);

/// <summary>All activations of one actor class.</summary>
internal interface IActorKind
{
    /// <summary>Activations in memory.</summary>
    int Count { get; }

    /// <summary>Ends the activations that no call has used since the sweep before the last.</summary>
    void Sweep();

    /// <summary>Ends all activations.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}

/// <inheritdoc cref="IActorKind"/>
/// <typeparam name="TActor">The actor class.</typeparam>
internal sealed class ActorKind<TActor>(string name, ActorHost host, ActorFactory<TActor> factory) : IActorKind
    where TActor : class
{
    private readonly ConcurrentDictionary<string, Activation<TActor>> _activations = new(StringComparer.Ordinal);

    /// <summary>The kind's name: the first part of its states' keys.</summary>
    public string Name => name;

    /// <summary>What all kinds share.</summary>
    public ActorHost Host => host;

    public int Count => _activations.Count;

    /// <summary>The activation of a key, which may not have begun.</summary>
    public Activation<TActor> Resolve(string key) =>
        _activations.TryGetValue(key, out var activation)
            ? activation
            : _activations.GetOrAdd(key, static (newKey, kind) => new Activation<TActor>(kind, newKey), this);

    public ValueTask<TActor> CreateAsync(IActorContext context, CancellationToken cancellationToken) => factory(context, cancellationToken);

    /// <summary>Forgets an activation that has ended.</summary>
    public void Remove(Activation<TActor> activation) => _activations.TryRemove(new(activation.Key, activation));

    public void Sweep()
    {
        foreach (var activation in _activations.Values)
            activation.EndIfIdle();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        while (!_activations.IsEmpty)
            await Task.WhenAll(_activations.Values.Select(activation => activation.EndAsync(cancellationToken)));
    }
}
