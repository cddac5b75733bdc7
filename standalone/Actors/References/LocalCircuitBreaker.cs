using OrleansChat.Core.CircuitBreaking;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICircuitBreakerActor"/> in this process.</summary>
internal sealed class LocalCircuitBreaker(ActorReference<ICircuitBreakerActor> actor) : ICircuitBreakerActor
{
    private static readonly ActorMethod Enter = ActorMethod.Of<ICircuitBreakerActor>(nameof(EnterAsync));
    private static readonly ActorMethod Report = ActorMethod.Of<ICircuitBreakerActor>(nameof(ReportAsync));
    private static readonly ActorMethod Describe = ActorMethod.Of<ICircuitBreakerActor>(nameof(DescribeAsync));
    private static readonly ActorMethod Trip = ActorMethod.Of<ICircuitBreakerActor>(nameof(TripAsync));
    private static readonly ActorMethod Reset = ActorMethod.Of<ICircuitBreakerActor>(nameof(ResetAsync));
    private static readonly ActorMethod History = ActorMethod.Of<ICircuitBreakerActor>(nameof(HistoryAsync));

    public ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken) =>
        actor.CallAsync(Enter,
            static (target, operationId, token) => target.EnterAsync(operationId, token),
            operationId,
            cancellationToken);

    public ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken) =>
        actor.CallAsync(Report, static (target, outcome, token) => target.ReportAsync(outcome, token), outcome, cancellationToken);

    public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Describe, static (target, _, token) => target.DescribeAsync(token), true, cancellationToken);

    public IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken) =>
        actor.EnumerateAsync(static (target, _, token) => target.WatchAsync(token), true, cancellationToken);

    public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken) =>
        actor.CallAsync(Trip, static (target, by, token) => target.TripAsync(by, token), by, cancellationToken);

    public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken) =>
        actor.CallAsync(Reset, static (target, by, token) => target.ResetAsync(by, token), by, cancellationToken);

    public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(History, static (target, _, token) => target.HistoryAsync(token), true, cancellationToken);
}
