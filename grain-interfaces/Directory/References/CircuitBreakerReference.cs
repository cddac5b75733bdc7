using System.Runtime.CompilerServices;
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

    // Not the grain's own stream: that one is read ahead, so a slow reader would get a state that has passed.
    public async IAsyncEnumerable<BreakerSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BreakerSnapshot? seen = null;
        while (true)
        {
            var next = await calls.RepeatAsync(grain, static (target, seen, token) => target.NextAsync(seen, token), seen, cancellationToken);
            if (next is null)
                continue;

            seen = next;
            yield return next;
        }
    }

    public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, by, token) => target.TripAsync(by, token), by, cancellationToken);

    public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, by, token) => target.ResetAsync(by, token), by, cancellationToken);

    public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.HistoryAsync(token), true, cancellationToken);
}
