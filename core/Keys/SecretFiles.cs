using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Core.Keys;

/// <summary>
/// The files that secrets are in, as <c>/health</c> shows them. A file that cannot be read any more leaves its last secret in force, so nothing fails until the process starts again,
/// and the operator has to hear of it before.
/// </summary>
public sealed class SecretFiles : IHealthComponent
{
    private readonly IOptionsMonitor<OrleansChatOptions> _settings;

    /// <summary>Makes the component.</summary>
    /// <param name="settings">Where the secrets are.</param>
    /// <param name="meters">Makes the meter; null for no metrics.</param>
    public SecretFiles(IOptionsMonitor<OrleansChatOptions> settings, IMeterFactory? meters = null)
    {
        _settings = settings;
        meters?.Create(TelemetryNames.Meter).CreateObservableGauge(
            "orleanschat.secrets.unreadable", () => (long)Unreadable().Count, "{file}", "Files of secrets that cannot be read.");
    }

    /// <inheritdoc/>
    public string Name => "secrets";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Unreadable() is { Count: > 0 } sources
        ? new HealthFinding(HealthStatus.Degraded, $"Cannot be read, so that the last secret is in force until a restart: {string.Join(", ", sources)}.")
        : HealthFinding.Healthy);

    private List<string> Unreadable() =>
    [
        .. Secret.SettingsOf(_settings.CurrentValue)
            .Where(Secret.IsFile)
            .Select(setting => Secret.From(setting, TimeProvider.System))
            .Where(secret => secret.Read() is null)
            .Select(secret => secret.Source)
            .Distinct(StringComparer.Ordinal),
    ];
}
