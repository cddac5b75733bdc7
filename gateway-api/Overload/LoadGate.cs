using System.Diagnostics.Metrics;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.GatewayApi.Overload;

/// <summary>Lets in what can be served: a bounded number of requests at once, and none while work begins too late already.</summary>
internal sealed class LoadGate : IHealthComponent
{
    private readonly int _most;
    private readonly TimeSpan _mostLag;
    private readonly Func<TimeSpan> _lag;
    private readonly Counter<long> _shed;
    private int _inFlight;

    public LoadGate(GatewayOptions options, IMeterFactory meters, Func<TimeSpan> lag)
    {
        (_most, _mostLag, _lag) = (options.MaxInFlight, options.MaxLag, lag);
        var meter = meters.Create(TelemetryNames.Meter);
        _shed = meter.CreateCounter<long>("orleanschat.requests.shed", "{request}", "Requests turned away because the server is busy, by what was too much.");
        _shed.Add(0, new KeyValuePair<string, object?>("reason", "lag"));
        meter.CreateObservableGauge("orleanschat.requests.in_flight", () => (long)InFlight, "{request}", "Requests that are being answered, streams included.");
        meter.CreateObservableGauge("orleanschat.scheduling.lag", () => lag().TotalSeconds, "s", "How late work begins in this process.");
    }

    /// <inheritdoc/>
    public string Name => "gateway";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>Requests that are being answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Lets a request in.</summary>
    /// <returns>Null, and then <see cref="Leave"/> has to follow; otherwise what is too much.</returns>
    public string? TryEnter()
    {
        if (_mostLag > TimeSpan.Zero && _lag() > _mostLag)
            return Shed("lag");
        if (Interlocked.Increment(ref _inFlight) <= _most)
            return null;

        Interlocked.Decrement(ref _inFlight);
        return Shed("in_flight");
    }

    /// <summary>A request that was let in has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        var (lag, inFlight) = (_lag(), InFlight);
        var isLate = _mostLag > TimeSpan.Zero && lag > _mostLag;
        var finding = isLate || inFlight >= _most
            ? new HealthFinding(HealthStatus.Degraded, isLate ? "Work begins late: requests are turned away." : "All places are taken: requests are turned away.")
            : HealthFinding.Healthy;
        return ValueTask.FromResult(finding with
        {
            Counts = new Dictionary<string, long> { ["in_flight"] = inFlight, ["lag_ms"] = (long)lag.TotalMilliseconds },
        });
    }

    private string Shed(string reason)
    {
        _shed.Add(1, new KeyValuePair<string, object?>("reason", reason));
        return reason;
    }
}
