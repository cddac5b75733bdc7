using Microsoft.Extensions.Logging;

namespace OrleansChat.Core.Health.Sla;

/// <summary>
/// Counts looks into the history. A look counts once a period, however often somebody asks, so that the share is one of time; time in which no
/// process ran counts for nothing.
/// </summary>
/// <param name="stores">Where the history is kept; none leaves it in memory.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class SlaRecorder(IEnumerable<ISlaStore> stores, TimeProvider time, ILogger<SlaRecorder> logger)
{
    /// <summary>The name under which the whole is kept.</summary>
    public const string Overall = "(all)";

    /// <summary>How often a look counts.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(1);

    private readonly ISlaStore? _store = stores.FirstOrDefault();
    private readonly Lock _gate = new();
    private SlaHistory _history = new();
    private bool _isLoaded;
    private DateTimeOffset? _counted;
    private DateTimeOffset _saved = time.GetUtcNow();

    /// <summary>Counts a look, if one is due, and keeps the history, if that is.</summary>
    /// <param name="looks">Each component's name and whether it was at work.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public async ValueTask CountAsync(IEnumerable<(string Component, bool Good)> looks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(looks);
        try
        {
            await LoadAsync(cancellationToken);
            var now = time.GetUtcNow();
            Dictionary<string, SlaHour[]>? record = null;
            lock (_gate)
            {
                if (_counted is { } counted && now - counted < Period)
                    return;

                _counted = now;
                foreach (var (component, good) in looks)
                    _history.Add(component, HourOf(now), good ? 1 : 0, 1);
                if (_store is not null && now - _saved >= SaveEvery)
                    (_saved, record) = (now, _history.ToRecord());
            }

            if (record is not null)
                await _store!.SaveAsync(record, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The store may be what is sick: its share is then kept in memory until it is well.
            LogNotKept(fault);
        }
    }

    /// <summary>Keeps the history now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        if (_store is null || !_isLoaded)
            return;
        Dictionary<string, SlaHour[]> record;
        lock (_gate)
            record = _history.ToRecord();
        await _store.SaveAsync(record, cancellationToken);
    }

    /// <summary>The share of looks that found a component at work, in per cent.</summary>
    /// <param name="component">The component, or <see cref="Overall"/>.</param>
    /// <param name="hours">The window's length in hours, at most <see cref="SlaHistory.Hours"/>.</param>
    /// <returns>The share; null where there was no look.</returns>
    public double? Share(string component, int hours)
    {
        lock (_gate)
            return _history.Share(component, HourOf(time.GetUtcNow()), hours) is { } share ? Math.Round(share, 4) : null;
    }

    private static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;

    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (_isLoaded)
            return;
        var kept = _store is null ? null : SlaHistory.Of(await _store.LoadAsync(cancellationToken));
        lock (_gate)
        {
            if (!_isLoaded && kept is not null)
                _history = kept;
            _isLoaded = true;
        }
    }

    [LoggerMessage(410, LogLevel.Debug, "The history of health could not be kept")]
    private partial void LogNotKept(Exception fault);
}
