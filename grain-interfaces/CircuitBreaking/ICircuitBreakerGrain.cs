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
    new ValueTask<BreakerSnapshot> TripAsync(string cause, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICircuitBreakerActor.ResetAsync"/>
    [Alias("reset")]
    new ValueTask<BreakerSnapshot> ResetAsync(CancellationToken cancellationToken);
}
