using System.Diagnostics.Metrics;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Telemetry;

/// <summary>The breakers of the configured upstreams, as this process knows them.</summary>
public sealed class BreakerMetrics
{
    private readonly BreakerWatch _breakers;
    private readonly string[] _upstreams;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="breakers">What is known of breakers.</param>
    /// <param name="options">The settings.</param>
    public BreakerMetrics(IMeterFactory meters, BreakerWatch breakers, OrleansChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(options);
        _breakers = breakers;
        _upstreams = [UpstreamOptions.BuiltinId, .. options.Upstreams.Select(upstream => upstream.Id)];
        var meter = meters.Create(TelemetryNames.Meter);
        meter.CreateObservableGauge("orleanschat.breaker.state", () => Observe(one => (long)one.State), null, "A breaker's state: 0 closed, 1 open, 2 half-open.");
        meter.CreateObservableGauge("orleanschat.breaker.failures", () => Observe(one => one.Failures), "{failure}", "Consecutive failures that a breaker has counted.");
    }

    private IEnumerable<Measurement<long>> Observe(Func<BreakerSnapshot, long> value)
    {
        foreach (var upstream in _upstreams)
        {
            if (_breakers.Known(upstream) is { } known)
                yield return new Measurement<long>(value(known), new KeyValuePair<string, object?>("upstream", upstream));
        }
    }
}
