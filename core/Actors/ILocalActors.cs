using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Actors;

/// <summary>
/// A directory whose actors live in this process, so that a caller's thread can visit several of them at once instead of calling one after the
/// other. Directories of actors elsewhere do not have it, and everything works without it.
/// </summary>
public interface ILocalActors
{
    /// <summary>The rate limiter of a scope.</summary>
    /// <param name="scope">As for <see cref="IActorDirectory.RateLimiter"/>.</param>
    /// <returns>The actor.</returns>
    ILocalActor<IRateLimiterActor> LocalRateLimiter(string scope);

    /// <summary>The cost tracker of a scope.</summary>
    /// <param name="scope">As for <see cref="IActorDirectory.CostTracker"/>.</param>
    /// <returns>The actor.</returns>
    ILocalActor<ICostTrackerActor> LocalCostTracker(string scope);
}

/// <summary>An actor in this process, whichever activation it has.</summary>
/// <typeparam name="TActor">The actor's interface.</typeparam>
public interface ILocalActor<out TActor>
    where TActor : class
{
    /// <summary>
    /// Begins a visit if the actor is in memory and nothing runs or waits in it. Otherwise an ordinary call is made, which waits for its turn:
    /// so a visit never passes anybody who came before it.
    /// </summary>
    /// <returns>The visit, to be ended by this thread before it awaits anything; null when the actor is not free.</returns>
    IActorVisit<TActor>? TryBeginVisit();

    /// <summary>Waits as an ordinary call would, and does nothing: what came before it has had its turn then, and a visit is worth another try.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task; it fails as a call would that cannot be made.</returns>
    ValueTask WaitForTurnAsync(CancellationToken cancellationToken);
}

/// <summary>
/// A visit of an actor: until its end the actor runs nothing else. Interleaving methods can be called; what they go on with after their first
/// await runs as it does after any call. Who visits several actors at once does not wait for the next one, hence nobody waits in a circle.
/// </summary>
/// <typeparam name="TActor">The actor's interface.</typeparam>
public interface IActorVisit<out TActor>
    where TActor : class
{
    /// <summary>
    /// The actor, with its scheduler current on this thread, so that what it begins comes back to it. Asked for anew after another visit's.
    /// The caller puts his own scheduler back when he has ended all visits.
    /// </summary>
    /// <returns>The actor.</returns>
    TActor Enter();

    /// <summary>Ends the visit.</summary>
    void End();
}
