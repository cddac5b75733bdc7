using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>The actors that routing calls, each on a scheduler of its own, over a store in memory.</summary>
internal class RoutingActors(TimeProvider time, IOptionsMonitor<OrleansChatOptions> settings) : SomeActors
{
    private readonly InMemoryStore _store = new();
    private readonly ConcurrentDictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IRateLimiterActor> _limiters = new(StringComparer.Ordinal);

    /// <summary>Calls that breakers got, beside watches.</summary>
    public int BreakerCalls => _breakers.Values.Sum(breaker => breaker.Calls);

    public override ICircuitBreakerActor CircuitBreaker(string upstream) => _breakers.GetOrAdd(upstream, key =>
    {
        var context = new InMemoryActorContext(_store, "breaker", key, this);
        return new Breaker(new CircuitBreakerActor(context, context.MainState<BreakerMemory>(), time, settings));
    });

    public override IRateLimiterActor RateLimiter(string scope) => _limiters.GetOrAdd(scope, key =>
    {
        var context = new InMemoryActorContext(_store, "limiter", key, this);
        return new RateLimiterActor(context, context.MainState<RateLimiterState>(), time);
    });

    private sealed class Breaker(CircuitBreakerActor actor) : ICircuitBreakerActor
    {
        private readonly ActorScheduler _scheduler = new();
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken) =>
            CallAsync(() => actor.EnterAsync(operationId, cancellationToken));

        public ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken) =>
            CallAsync(() => actor.ReportAsync(outcome, cancellationToken));

        public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken) =>
            CallAsync(() => actor.DescribeAsync(cancellationToken));

        public IAsyncEnumerable<BreakerSnapshot> WatchAsync(CancellationToken cancellationToken) => actor.WatchAsync(cancellationToken);

        public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken) =>
            CallAsync(() => actor.TripAsync(by, cancellationToken));

        public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken) =>
            CallAsync(() => actor.ResetAsync(by, cancellationToken));

        public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) =>
            CallAsync(() => actor.HistoryAsync(cancellationToken));

        private ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call)
        {
            Interlocked.Increment(ref _calls);
            return new ValueTask<T>(_scheduler.RunAsync(call));
        }
    }
}
