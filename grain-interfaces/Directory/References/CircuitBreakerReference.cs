using OrleansChat.Core.CircuitBreaking;
using OrleansChat.GrainInterfaces.CircuitBreaking;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ICircuitBreakerGrain"/>.</summary>
internal sealed class CircuitBreakerReference(ICircuitBreakerGrain grain, CallRepetition calls) : ICircuitBreakerActor
{
    public ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, operationId, token) => target.EnterAsync(operationId, token), operationId, cancellationToken);

    public ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, outcome, token) => target.ReportAsync(outcome, token), outcome, cancellationToken);

    public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.DescribeAsync(token), true, cancellationToken);

    public IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken) =>
        new GrainEnumeration(calls).ReadAsync(grain, static (target, _, token) => target.WatchAsync(token), true, cancellationToken);

    public ValueTask<BreakerSnapshot> TripAsync(string cause, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, cause, token) => target.TripAsync(cause, token), cause, cancellationToken);

    public ValueTask<BreakerSnapshot> ResetAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ResetAsync(token), true, cancellationToken);
}
