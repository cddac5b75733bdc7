using Microsoft.Extensions.Logging;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Live;

/// <summary>
/// Looks at the settings files every second and puts what changed in force, all of it or nothing: a file at fault leaves the settings as they are,
/// which is logged and shown in <c>/health</c>. It reads the content, not the time stamp: mounted files are exchanged by swapping a link.
/// </summary>
public sealed partial class SettingsWatch : IHealthComponent, IDisposable
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly SettingsPlaces _places;
    private readonly LiveSettings _live;
    private readonly ILogger<SettingsWatch> _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private string _seen;
    private volatile string? _note;

    /// <summary>Begins to watch.</summary>
    /// <param name="places">Where settings are.</param>
    /// <param name="live">The settings in force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public SettingsWatch(SettingsPlaces places, LiveSettings live, TimeProvider time, ILogger<SettingsWatch> logger)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(time);
        (_places, _live, _logger) = (places, live, logger);
        _seen = Contents();
        _timer = time.CreateTimer(static state => ((SettingsWatch)state!).Look(), this, Period, Period);
    }

    /// <inheritdoc/>
    public string Name => "settings";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_note is { } note ? new HealthFinding(HealthStatus.Degraded, note) : HealthFinding.Healthy);

    /// <summary>Looks at the files now.</summary>
    public void Look()
    {
        // One look at a time: one that comes while another reads finds nothing that the other will not.
        if (!_gate.TryEnter())
            return;
        try
        {
            var contents = Contents();
            if (contents == _seen)
                return;

            _seen = contents;
            Reload();
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Reload()
    {
        var (read, faults) = OrleansChatSettings.Read(_places);
        var change = faults.Count == 0 ? SettingsChange.Between(_live.CurrentValue, read) : null;
        if ((change?.Faults ?? faults) is { Count: > 0 } found)
        {
            _note = $"The changed settings are at fault, and those from before stay in force: {found[0]}";
            foreach (var fault in found)
                LogFault(fault.ToString());
            return;
        }

        _live.Apply(change!.Settings);
        LogReloaded();
        _note = change.NeedRestart.Count == 0 ? null : $"Changes of {string.Join(", ", change.NeedRestart)} wait for a restart.";
        if (_note is not null)
            LogRestart(_note);
    }

    private string Contents() => string.Join('\n', _places.Files.Select(static file =>
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.GetType().Name;
        }
    }));

    [LoggerMessage(400, LogLevel.Information, "The changed settings are in force")]
    private partial void LogReloaded();

    [LoggerMessage(401, LogLevel.Warning, "The changed settings are not put in force: {Fault}")]
    private partial void LogFault(string fault);

    [LoggerMessage(402, LogLevel.Warning, "{Note}")]
    private partial void LogRestart(string note);
}
