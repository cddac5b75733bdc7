namespace OrleansChat.Core.Actors;

/// <summary>
/// A sequence that an actor gives out and that is read beside it, on any thread: nothing of it is the actor's own state. It ends by itself when the activation
/// does. A host reads every other sequence inside its actor, step by step.
/// </summary>
/// <typeparam name="T">What it is of.</typeparam>
public interface IDetachedEnumerable<out T> : IAsyncEnumerable<T>;
