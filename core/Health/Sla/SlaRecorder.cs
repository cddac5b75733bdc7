using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Health.Sla;

/// <summary>
/// Counts this process's looks and reports them to the owner of the history, from whom it has the windows of all processes. A look counts once a period,
/// however often somebody asks, so that the share is one of time; time in which no process ran counts for nothing.
/// </summary>
/// <param name="actors">Where the owner is.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by handle holds nothing.")]
public sealed partial class SlaRecorder(IActorDirectory actors, TimeProvider time, ILogger<SlaRecorder> logger)
{
    /// <summary>The name under which the whole is kept.</summary>
    public const string Overall = "(all)";

    /// <summary>How often a look counts.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private readonly string _source = Guid.NewGuid().ToString("N");
    private Dictionary<string, SlaRow> _unreported = new(StringComparer.Ordinal);
    private Dictionary<string, SlaRow> _underWay = new(StringComparer.Ordinal);
    private SlaWindows _shared = new([]);
    private long _sequence;
    private DateTimeOffset? _counted;

    /// <summary>Counts a look, if one is due.</summary>
    /// <param name="looks">Each component's name and whether it was at work.</param>
    public void Count(IEnumerable<(string Component, bool Good)> looks)
    {
        ArgumentNullException.ThrowIfNull(looks);
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_counted is { } counted && now - counted < Period)
                return;

            _counted = now;
            var history = new SlaHistory(_unreported);
            foreach (var (component, good) in looks)
                history.Add(component, HourOf(now), good ? 1 : 0, 1);
        }
    }

    /// <summary>Reports what was counted. It does not fail: what could not be reported is reported the next time, and counts here meanwhile.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the owner answered.</returns>
    public async ValueTask<bool> ReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            var report = NextReport();
            var owner = actors.Sla();
            var answer = report.Looks.Count == 0 ? owner.ReadAsync(cancellationToken) : owner.ReportAsync(report, cancellationToken);
            var windows = await answer.AsTask().WaitAsync(cancellationToken);
            lock (_gate)
                (_shared, _underWay) = (windows, new Dictionary<string, SlaRow>(StringComparer.Ordinal));
            return true;
        }
        catch (Exception fault)
        {
            LogNotReported(fault);
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A component's looks: those that the owner knew when it was last heard, and this process's since.</summary>
    /// <param name="component">The component, or <see cref="Overall"/>.</param>
    /// <returns>The looks in each window.</returns>
    public SlaLooks Of(string component)
    {
        var now = HourOf(time.GetUtcNow());
        lock (_gate)
        {
            return _shared.Components.GetValueOrDefault(component, SlaLooks.None)
                .And(new SlaHistory(_underWay).At(now).GetValueOrDefault(component, SlaLooks.None))
                .And(new SlaHistory(_unreported).At(now).GetValueOrDefault(component, SlaLooks.None));
        }
    }

    /// <summary>The hour of a moment, counted from 1970.</summary>
    /// <param name="at">The moment.</param>
    /// <returns>The hour.</returns>
    internal static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;

    // A report that failed may be in: it is sent again as it was, under its number, before anything else.
    private SlaReport NextReport()
    {
        lock (_gate)
        {
            if (_underWay.Count == 0 && _unreported.Count > 0)
            {
                (_underWay, _unreported) = (_unreported, new Dictionary<string, SlaRow>(StringComparer.Ordinal));
                _sequence++;
            }

            return new SlaReport(_source, _sequence, [.. _underWay.SelectMany(one => HoursOf(one.Key, one.Value))]);
        }
    }

    private static IEnumerable<SlaHour> HoursOf(string component, SlaRow row) =>
        row.Total.Index().Where(hour => hour.Item > 0).Select(hour => new SlaHour(component, row.From + hour.Index, hour.Item - row.Bad[hour.Index], hour.Item));

    [LoggerMessage(413, LogLevel.Debug, "The history of health could not be reported")]
    private partial void LogNotReported(Exception fault);
}
