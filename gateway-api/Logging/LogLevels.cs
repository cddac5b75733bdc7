// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
using Serilog.Core;
using Serilog.Events;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Logging;

/// <summary>The levels of the log, which follow the settings.</summary>
internal sealed class LogLevels : IDisposable
{
    private IDisposable? _subscription;

    public LogLevels(LoggingOptions options) => Set(options);

    /// <summary>The level of this product's own lines.</summary>
    public LoggingLevelSwitch Own { get; } = new();

    /// <summary>The level of the platform's lines: warnings, unless the settings ask for details.</summary>
    public LoggingLevelSwitch Platform { get; } = new();

    /// <summary>The level of content: everything, since keys decide of it; nothing where nothing is logged at all.</summary>
    public LoggingLevelSwitch Content { get; } = new();

    /// <summary>Follows the settings from now on.</summary>
    public void Follow(IOptionsMonitor<OrleansChatOptions> settings) => _subscription ??= settings.OnChange((changed, _) => Set(changed.Logging));

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    private void Set(LoggingOptions options)
    {
        var level = Enum.Parse<LogLevel>(options.Level, ignoreCase: true);
        Own.MinimumLevel = Translate(level);
        Content.MinimumLevel = level is LogLevel.None ? LevelAlias.Off : LogEventLevel.Verbose;
        Platform.MinimumLevel = Translate(level is LogLevel.Information ? LogLevel.Warning : level);
    }

    private static LogEventLevel Translate(LogLevel level) => level switch
    {
        LogLevel.Trace => LogEventLevel.Verbose,
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Information => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        LogLevel.Critical => LogEventLevel.Fatal,
        _ => LevelAlias.Off,
    };
}
