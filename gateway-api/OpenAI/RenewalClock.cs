using System.Collections.Concurrent;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// Renews the leases of running calls. One timer looks after all of them: most calls are over long before their first renewal, and a timer and a
/// task of its own would be the greater part of what such a call costs.
/// </summary>
internal sealed class RenewalClock : IDisposable
{
    private const int TicksPerPeriod = 4;

    // A third of the lease: two renewals may fail before it runs out.
    private static readonly TimeSpan Period = RateLimitRequest.DefaultLease / 3;

    private readonly ConcurrentDictionary<Renewal, byte> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    public RenewalClock(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => Tick(), null, Period / TicksPerPeriod, Period / TicksPerPeriod);
    }

    /// <summary>Renews until what is returned is disposed of, which waits for a renewal that is under way.</summary>
    /// <param name="renew">Renews once; never throws.</param>
    public IAsyncDisposable Keep(Func<Task> renew)
    {
        var renewal = new Renewal(this, renew, _clock.GetTimestamp());
        _kept.TryAdd(renewal, 0);
        return renewal;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        foreach (var (renewal, _) in _kept)
            renewal.Tick();
    }

    private sealed class Renewal(RenewalClock clock, Func<Task> renew, long since) : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private Task _running = Task.CompletedTask;
        private long _since = since;
        private bool _ended;

        public void Tick()
        {
            lock (_gate)
            {
                // A quarter early rather than a quarter late.
                if (_ended || !_running.IsCompleted || clock._clock.GetElapsedTime(_since) < Period - (Period / TicksPerPeriod))
                    return;

                _since = clock._clock.GetTimestamp();
                _running = renew();
            }
        }

        public ValueTask DisposeAsync()
        {
            clock._kept.TryRemove(this, out _);
            lock (_gate)
            {
                _ended = true;
                return _running.IsCompleted ? ValueTask.CompletedTask : new ValueTask(_running);
            }
        }
    }
}
