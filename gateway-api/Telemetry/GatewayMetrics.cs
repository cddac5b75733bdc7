using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;
using OrleansChat.GatewayApi.Streams;

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary>What only a gateway sees: streams, sockets, the answer cache and keys that are not known.</summary>
internal sealed class GatewayMetrics
{
    private readonly UpDownCounter<long> _sockets;
    private readonly Counter<long> _cache;
    private readonly Counter<long> _unauthenticated;

    public GatewayMetrics(IMeterFactory meters, HeartbeatClock streams)
    {
        var meter = meters.Create(TelemetryNames.Meter);
        meter.CreateObservableGauge("orleanschat.streams.open", () => streams.Count, "{stream}", "Event streams that are open.");
        _sockets = meter.CreateUpDownCounter<long>("orleanschat.sockets.open", "{socket}", "WebSockets that are open.");
        _cache = meter.CreateCounter<long>("orleanschat.cache.requests", "{request}", "Requests that the answer cache was asked for, by outcome.");
        _unauthenticated = meter.CreateCounter<long>("orleanschat.authentication.failures", "{request}", "Requests without a valid key, by what was wrong.");

        // Shown from the start, so that a rate over them is not missing its first step.
        _sockets.Add(0);
        Cached("hit", 0);
        Cached("miss", 0);
        Refused("unknown", 0);
        Refused("missing", 0);
    }

    /// <summary>Counts a socket as open until it is disposed of.</summary>
    public IDisposable OpenSocket()
    {
        _sockets.Add(1);
        return new Open(_sockets);
    }

    /// <summary>Counts a request that the cache was asked for.</summary>
    /// <param name="outcome"><c>hit</c> or <c>miss</c>.</param>
    /// <param name="count">How many.</param>
    public void Cached(string outcome, int count = 1) => _cache.Add(count, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts a request without a valid key.</summary>
    /// <param name="reason">One of few words.</param>
    /// <param name="count">How many.</param>
    public void Refused(string reason, int count = 1) => _unauthenticated.Add(count, new KeyValuePair<string, object?>("reason", reason));

    private sealed class Open(UpDownCounter<long> counter) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                counter.Add(-1);
        }
    }
}
