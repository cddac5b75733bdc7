using OrleansChat.Core.Actors;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>The breakers and limiters that a router calls, which answer at once and note each call; no breaker tells its changes by itself.</summary>
internal sealed class RecordedActors(TimeProvider time, TestOptions<OrleansChatOptions> settings, Action<string, string> write) : RoutingActors(time, settings)
{
    private readonly TimeProvider _time = time;
    private readonly Dictionary<string, CircuitBreakerActor> _breakers = [];
    private readonly Dictionary<string, RateLimiterActor> _limiters = [];

    public CircuitBreakerActor BreakerOf(string upstream)
    {
        lock (_breakers)
        {
            if (!_breakers.TryGetValue(upstream, out var breaker))
                _breakers[upstream] = breaker = new CircuitBreakerActor(ContextOf(upstream), new MemoryState<BreakerMemory>(), _time, settings);

            return breaker;
        }
    }

    public RateLimiterActor LimiterOf(string scope)
    {
        if (!_limiters.TryGetValue(scope, out var limiter))
            _limiters[scope] = limiter = new RateLimiterActor(ContextOf(scope), new MemoryState<RateLimiterState>(), _time);

        return limiter;
    }

    public override ICircuitBreakerActor CircuitBreaker(string upstream) => new Breaker(upstream, BreakerOf(upstream), write);

    public override IRateLimiterActor RateLimiter(string scope) => new Limiter(scope[(scope.IndexOf(':', StringComparison.Ordinal) + 1)..], LimiterOf(scope), write);

    /// <summary>A breaker in words.</summary>
    public static string Told(BreakerSnapshot breaker) =>
        $"{breaker.Upstream} {breaker.State} after {breaker.Failures} since {breaker.OpenedAt:O} until {breaker.RetryAt:O} for {breaker.Cause}";

    /// <summary>An outcome in words.</summary>
    public static string Told(string upstream, BreakerOutcome outcome) =>
        $"tells {upstream} of {outcome.OperationId}: {(outcome.Cancelled ? "left" : outcome.Failure?.ToString() ?? "well")} {outcome.Detail} {outcome.RetryAfter} after {outcome.EarlierSuccesses}";

    /// <summary>The operation of an attempt.</summary>
    public static string OperationOf(string attemptId) => attemptId[..attemptId.LastIndexOf('/')];

    private InMemoryActorContext ContextOf(string key) => new(new InMemoryStore(), "actor", key, this);

    private sealed class Breaker(string upstream, CircuitBreakerActor actor, Action<string, string> write) : ICircuitBreakerActor
    {
        public async ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken)
        {
            var permit = await actor.EnterAsync(operationId, cancellationToken);
            write(OperationOf(operationId), $"enters {upstream} by {operationId}: {permit.Allowed} {permit.Probe}");
            return permit;
        }

        public async ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken)
        {
            var snapshot = await actor.ReportAsync(outcome, cancellationToken);
            var who = OperationOf(outcome.OperationId);
            write(outcome.OperationId.EndsWith("/broken", StringComparison.Ordinal) ? OperationOf(who) : who, Told(upstream, outcome));
            return snapshot;
        }

        public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken)
        {
            write(upstream, "describes itself");
            return actor.DescribeAsync(cancellationToken);
        }

        public async IAsyncEnumerable<BreakerSnapshot> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Limiter(string upstream, RateLimiterActor actor, Action<string, string> write) : IRateLimiterActor
    {
        public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken)
        {
            var decision = await actor.AcquireAsync(request, cancellationToken);
            write(request.OperationId, $"acquires {upstream}: {decision.Admitted}");
            return decision;
        }

        public async ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken)
        {
            await actor.SettleAsync(operationId, tokens, cancellationToken);
            write(operationId, tokens == 0 ? $"gives back {upstream}" : $"settles {tokens} at {upstream}");
        }

        public ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>A state that is durable at once.</summary>
    private sealed class MemoryState<T> : IActorState<T>
        where T : class, new()
    {
        public T Value { get; set; } = new();

        public bool Exists => true;

        public ValueTask SaveAsync(CancellationToken cancellationToken) => default;

        public ValueTask ClearAsync(CancellationToken cancellationToken) => default;
    }
}
