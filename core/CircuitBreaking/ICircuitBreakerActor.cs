namespace OrleansChat.Core.CircuitBreaking;

/// <summary>The one owner of an upstream's breaker: exactly one probe in the whole cluster.</summary>
public interface ICircuitBreakerActor
{
    /// <summary>Asks for the one probe of a half-open breaker. Only asked when the snapshot is not closed.</summary>
    /// <param name="operationId">Names the operation; a repeat returns the first answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the caller may ask the upstream, and the state that says so.</returns>
    ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken);

    /// <summary>Tells how a call to the upstream went.</summary>
    /// <param name="outcome">The outcome; a repeat of its operation id changes nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state after it.</returns>
    ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken);

    /// <summary>The state now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state.</returns>
    ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>The state now and after every change, newest only: a slow reader skips.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The states.</returns>
    IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Opens the breaker until it is reset.</summary>
    /// <param name="by">Who asks: the id of an admin key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state after it.</returns>
    ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken);

    /// <summary>Closes the breaker and forgets its failures.</summary>
    /// <param name="by">Who asks: the id of an admin key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state after it.</returns>
    ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken);

    /// <summary>The last changes of the state.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The changes, oldest first.</returns>
    ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken);
}
