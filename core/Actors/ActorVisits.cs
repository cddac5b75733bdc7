namespace OrleansChat.Core.Actors;

/// <summary>Visits of a single actor.</summary>
internal static class ActorVisits
{
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
