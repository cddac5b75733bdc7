using System.Diagnostics.Metrics;
using OrleansChat.Core.Health;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>
/// Hears of every failure of this process once, counts it by layer and code, and keeps it until the owner of incidents has it. What it shows is what the
/// owner knew when it was last heard, and this process's own failures beside it: while the owner cannot be reached, those still tell.
/// </summary>
public sealed class FailureLog : IHealthComponent
{
    private const int MostUntold = 200;

    private readonly Lock _gate = new();
    private readonly IncidentLedger _own = new(new IncidentsState());
    private readonly Dictionary<string, FailureTally> _untold = new(StringComparer.Ordinal);
    private readonly string _source = Guid.NewGuid().ToString("N");
    private readonly TimeProvider _time;
    private readonly Counter<long>? _failures;
    private FailureBatch? _underWay;
    private IncidentList? _shared;
    private DateTimeOffset _sharedAt;
    private long _sequence;

    /// <summary>Makes the log.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Makes the meter; null for no metrics.</param>
    public FailureLog(TimeProvider time, IMeterFactory? meters = null)
    {
        _time = time;
        var meter = meters?.Create(TelemetryNames.Meter);
        _failures = meter?.CreateCounter<long>("orleanschat.failures", "{failure}", "Failures of this server and its upstreams, by layer and code.");
        _failures?.Add(0, new("layer", "internal"), new("code", ProblemCode.Internal.Name));
        meter?.CreateObservableGauge("orleanschat.failures.exceeded", () => (long)Known.Counts.Count(count => count.Exceeded), "{code}", "Layers and codes with too many failures within five minutes.");
        meter?.CreateObservableGauge("orleanschat.incidents.open", () => (long)Known.Items.Count(incident => incident.Open), "{incident}", "Incidents that go on.");
    }

    /// <inheritdoc/>
    public string Name => "incidents";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>What is known here. An incident, or a layer and code, that the owner knows too is shown as the owner counts it.</summary>
    public IncidentList Known
    {
        get
        {
            var now = _time.GetUtcNow();
            lock (_gate)
            {
                var own = _own.At(now);
                if (_shared is null)
                    return own;
                var shared = _shared.Items.Select(incident => incident with { Open = now - incident.LastAt < IncidentLedger.OverAfter });
                return new IncidentList(
                    [.. shared.UnionBy(own.Items, incident => incident.Pattern).OrderByDescending(incident => incident.LastAt)],
                    [.. _shared.Counts.Select(count => count with { Recent = RecentOf(count, own, now) }).UnionBy(own.Counts, static count => (count.Layer, count.Code))]);
            }
        }
    }

    /// <summary>Hears of a failure.</summary>
    /// <param name="fault">The failure.</param>
    /// <param name="problem">What the client was told of it.</param>
    /// <param name="correlationId">The request's or turn's id.</param>
    /// <returns>The report.</returns>
    public FailureReport Report(Exception fault, Problem problem, string correlationId)
    {
        var report = FailureReport.Of(fault, problem, correlationId, _time.GetUtcNow());
        _failures?.Add(1, new("layer", report.Layer), new("code", report.Code));
        var tally = FailureTally.Of(report);
        lock (_gate)
        {
            _own.Take(tally);
            if (_untold.TryGetValue(report.Pattern, out var known))
                _untold[report.Pattern] = known.And(tally);
            else if (_untold.Count < MostUntold)
                _untold.Add(report.Pattern, tally);
        }

        return report;
    }

    /// <summary>What the owner has yet to be told: the same until <see cref="Learn"/>, since it may have heard and not been able to say so.</summary>
    /// <returns>The report; null where there is nothing to tell.</returns>
    public FailureBatch? NextReport()
    {
        lock (_gate)
        {
            if (_underWay is null && _untold.Count > 0)
            {
                _underWay = new FailureBatch(_source, ++_sequence, [.. _untold.Values]);
                _untold.Clear();
            }

            return _underWay;
        }
    }

    /// <summary>The owner has answered.</summary>
    /// <param name="told">The report that it has taken in; null where it was only asked.</param>
    /// <param name="known">What it knows.</param>
    public void Learn(FailureBatch? told, IncidentList known)
    {
        lock (_gate)
        {
            (_shared, _sharedAt) = (known, _time.GetUtcNow());
            if (told is not null && told.Sequence == _underWay?.Sequence)
                _underWay = null;
        }
    }

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        var known = Known;
        var open = known.Items.Where(incident => incident.Open).ToList();
        var exceeded = known.Counts.Where(count => count.Exceeded).ToList();
        if (open.Count == 0 && exceeded.Count == 0)
            return ValueTask.FromResult(HealthFinding.Healthy);

        var error = open.Count > 0
            ? $"{open[0].Count} failures ({open[0].Layer}, {open[0].Code}) from {open[0].FirstAt:u} to {open[0].LastAt:u}: {open[0].Cure}"
            : $"{exceeded[0].Recent} failures ({exceeded[0].Layer}, {exceeded[0].Code}) within {IncidentLedger.RaiseWithin.TotalMinutes} minutes, of different causes; {exceeded[0].Threshold} are too many";
        return ValueTask.FromResult(new HealthFinding(HealthStatus.Degraded, error)
        {
            Counts = new Dictionary<string, long> { ["open"] = open.Count, ["exceeded"] = exceeded.Count },
        });
    }

    /// <summary>What the owner counted when it was last heard, as long as that is recent itself, or this process alone where that is more.</summary>
    private long RecentOf(FailureCount count, IncidentList own, DateTimeOffset now)
    {
        var here = own.Counts.FirstOrDefault(one => (one.Layer, one.Code) == (count.Layer, count.Code))?.Recent ?? 0;
        return now - _sharedAt < IncidentLedger.RaiseWithin ? Math.Max(count.Recent, here) : here;
    }
}
