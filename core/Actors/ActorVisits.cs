namespace OrleansChat.Core.Actors;

/// <summary>Visits of a single actor.</summary>
internal static class ActorVisits
{
    /// <summary>How often a busy actor is tried: a call that is queued costs more than that, and makes all others queue behind it.</summary>
    public const int Tries = 5;

    /// <summary>Begins a visit, if need be after whoever is in the actor has had the processor. Not while the caller visits another.</summary>
    /// <typeparam name="TActor">The actor's interface.</typeparam>
    /// <param name="actor">The actor; null where it is not in this process.</param>
    /// <returns>The visit; null when an ordinary call has to be made.</returns>
    public static IActorVisit<TActor>? VisitSoon<TActor>(this ILocalActor<TActor>? actor)
        where TActor : class
    {
        if (actor is null)
            return null;

        for (var tries = 1; ; tries++)
        {
            if (actor.TryBeginVisit() is { } visit)
                return visit;

            if (tries == Tries)
                return null;

            Thread.Yield();
        }
    }

    /// <summary>
    /// Makes one call within a visit and ends it. What it returns may complete later, with a record that the actor shares with others; a method that
    /// goes on by itself after an await has to be called in the ordinary way.
    /// </summary>
    /// <typeparam name="TActor">The actor's interface.</typeparam>
    /// <typeparam name="TArgument">The call's argument.</typeparam>
    /// <param name="visit">The visit, which has begun.</param>
    /// <param name="call">The call.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="cancellationToken">Handed to the call.</param>
    /// <returns>What the call returns; a failure, if it throws.</returns>
    public static ValueTask CallAsync<TActor, TArgument>(
        this IActorVisit<TActor> visit,
        Func<TActor, TArgument, CancellationToken, ValueTask> call,
        TArgument argument,
        CancellationToken cancellationToken)
        where TActor : class
    {
        var outer = SynchronizationContext.Current;
        try
        {
            return call(visit.Enter(), argument, cancellationToken);
        }
        catch (Exception fault)
        {
            return ValueTask.FromException(fault);
        }
        finally
        {
            visit.End();
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }
}
