using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Health;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>
/// Hears of every failure once, counts it by layer and code, and raises an incident when one cause fails again and again. What it holds is bounded,
/// whatever fails.
/// </summary>
public sealed partial class FailureLog : IHealthComponent
{
    /// <summary>Failures of one cause within <see cref="RaiseWithin"/> that make an incident.</summary>
    public const int RaiseAt = 5;

    /// <summary>The time within which they have to come.</summary>
    public static readonly TimeSpan RaiseWithin = TimeSpan.FromMinutes(5);

    /// <summary>The silence after which an incident is over.</summary>
    public static readonly TimeSpan OverAfter = TimeSpan.FromMinutes(15);

    private const int MostPatterns = 200;
    private const int MostIds = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pattern> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Layer, string Code), long> _counts = [];
    private readonly TimeProvider _time;
    private readonly ILogger<FailureLog> _logger;
    private readonly Counter<long>? _failures;

    /// <summary>Makes the log.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of incidents.</param>
    /// <param name="meters">Makes the meter; null for no metrics.</param>
    public FailureLog(TimeProvider time, ILogger<FailureLog> logger, IMeterFactory? meters = null)
    {
        (_time, _logger) = (time, logger);
        var meter = meters?.Create(TelemetryNames.Meter);
        _failures = meter?.CreateCounter<long>("orleanschat.failures", "{failure}", "Failures of this server and its upstreams, by layer and code.");
        _failures?.Add(0, new("layer", "internal"), new("code", ProblemCode.Internal.Name));
        meter?.CreateObservableGauge("orleanschat.incidents.open", () => (long)All.Count(incident => incident.Open), "{incident}", "Incidents that go on.");
    }

    /// <inheritdoc/>
    public string Name => "incidents";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>The incidents, newest first.</summary>
    public IReadOnlyList<Incident> All
    {
        get
        {
            lock (_gate)
                return [.. _patterns.Values.Where(pattern => pattern.Id is not null).OrderByDescending(pattern => pattern.LastAt).Select(ToIncident)];
        }
    }

    /// <summary>The failures since the start, by layer and code.</summary>
    public IReadOnlyList<(string Layer, string Code, long Count)> Counts
    {
        get
        {
            lock (_gate)
                return [.. _counts.OrderByDescending(one => one.Value).Select(one => (one.Key.Layer, one.Key.Code, one.Value))];
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
        lock (_gate)
        {
            _counts[(report.Layer, report.Code)] = _counts.GetValueOrDefault((report.Layer, report.Code)) + 1;
            if (PatternOf(report).Take(report))
                LogRaised(report.Layer, report.Code, report.Causes[^1], report.Subject, report.Cure);
        }

        return report;
    }

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        var open = All.Where(incident => incident.Open).ToList();
        return ValueTask.FromResult(open.Count == 0
            ? HealthFinding.Healthy
            : new HealthFinding(HealthStatus.Degraded, $"{open[0].Count} failures ({open[0].Layer}, {open[0].Code}): {open[0].Cure}")
            {
                Counts = new Dictionary<string, long> { ["open"] = open.Count },
            });
    }

    private Pattern PatternOf(FailureReport report)
    {
        if (_patterns.TryGetValue(report.Pattern, out var pattern))
        {
            // What comes back after its end is another incident.
            if (pattern.Id is null || report.At - pattern.LastAt < OverAfter)
                return pattern;
        }
        else if (_patterns.Count >= MostPatterns)
        {
            _patterns.Remove(_patterns.MinBy(one => one.Value.LastAt).Key);
        }

        return _patterns[report.Pattern] = new Pattern(report);
    }

    private Incident ToIncident(Pattern pattern) => new()
    {
        Id = pattern.Id!,
        Layer = pattern.Last.Layer,
        Code = pattern.Last.Code,
        Subject = pattern.Last.Subject,
        Causes = pattern.Last.Causes,
        Detail = pattern.Last.Detail,
        Cure = pattern.Last.Cure,
        Count = pattern.Count,
        FirstAt = pattern.FirstAt,
        LastAt = pattern.LastAt,
        Open = _time.GetUtcNow() - pattern.LastAt < OverAfter,
        CorrelationIds = [.. pattern.Ids],
    };

    [LoggerMessage(420, LogLevel.Warning, "Incident raised: {Layer} {Code} by {Cause} {Subject}. {Cure}")]
    private partial void LogRaised(string layer, string code, string cause, string? subject, string cure);

    private sealed class Pattern(FailureReport first)
    {
        private readonly Queue<DateTimeOffset> _recent = [];

        public string? Id { get; private set; }

        public FailureReport Last { get; private set; } = first;

        public long Count { get; private set; }

        public DateTimeOffset FirstAt { get; } = first.At;

        public DateTimeOffset LastAt => Last.At;

        public Queue<string> Ids { get; } = [];

        /// <summary>Takes a failure in.</summary>
        /// <returns>Whether this is the one that raises the incident.</returns>
        public bool Take(FailureReport report)
        {
            Last = report;
            Count++;
            Ids.Enqueue(report.CorrelationId);
            if (Ids.Count > MostIds)
                Ids.Dequeue();
            if (Id is not null)
                return false;

            _recent.Enqueue(report.At);
            while (report.At - _recent.Peek() > RaiseWithin)
                _recent.Dequeue();
            if (_recent.Count < RaiseAt)
                return false;

            Id = Guid.CreateVersion7(report.At).ToString();
            _recent.Clear();
            return true;
        }
    }
}
