using Orleans.Concurrency;
using OrleansChat.Core.CircuitBreaking;

namespace OrleansChat.GrainInterfaces.CircuitBreaking;

/// <summary>The breaker of an upstream, on the cluster.</summary>
[Alias("orleanschat.circuit-breaker")]
public interface ICircuitBreakerGrain : ICircuitBreakerActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ICircuitBreakerActor.EnterAsync"/>
    [Alias("enter")]
    new ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.ReportAsync"/>
    [Alias("report")]
    new ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.DescribeAsync"/>
    [Alias("describe")]
    new ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.WatchAsync"/>
    [Alias("watch")]
    new IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.TripAsync"/>
    [Alias("trip")]
    new ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.ResetAsync"/>
    [Alias("reset")]
    new ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.HistoryAsync"/>
    [Alias("history")]
    new ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The state as soon as it differs from the one that the caller has: a change is pushed, and what came between two calls is skipped.
    /// </summary>
    /// <param name="seen">What the caller has; null for nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state; null when nothing has changed for a while and the caller is to ask again.</returns>
    [Alias("next"), AlwaysInterleave]
    ValueTask<BreakerSnapshot?> NextAsync(BreakerSnapshot? seen, CancellationToken cancellationToken);
}
