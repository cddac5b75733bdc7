using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Settings;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace OrleansChat.GatewayApi.Logging;

/// <summary>Sets the logs up: to standard error, as text for people or as JSON for machines.</summary>
public static class GatewayLogging
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj} {CorrelationId}{NewLine}{Exception}";

    /// <summary>Writes logs through Serilog.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The level and form.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatLogging(this IServiceCollection services, LoggingOptions options)
    {
        var level = Enum.Parse<LogLevel>(options.Level, ignoreCase: true);
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(Translate(level))
            .MinimumLevel.Override("Microsoft", Translate(level < LogLevel.Information ? level : LogLevel.Warning))
            // Serilog passes over the filters of other extensions, so Kestrel's repetition of faults is left out here as well.
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Fatal)
            .Enrich.FromLogContext();

        // Standard output is for what a command answers; logs beside it would spoil pipes.
        logger = options.Json
            ? logger.WriteTo.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose)
            : logger.WriteTo.Console(
                outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose);

        return services.AddLogging(logging =>
        {
            logging.ClearProviders();
            logging.SetMinimumLevel(level);
            if (level != LogLevel.None)
                logging.AddSerilog(logger.CreateLogger(), dispose: true);
        });
    }

    private static LogEventLevel Translate(LogLevel level) => level switch
    {
        LogLevel.Trace => LogEventLevel.Verbose,
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Information => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Fatal,
    };
}
