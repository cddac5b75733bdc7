// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Settings;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Logging;

/// <summary>Sets the logs up: to standard error, as text for people or as JSON for machines, each line with its correlation and trace ids.</summary>
public static class GatewayLogging
{
    private const string RequestDetails = "Microsoft.AspNetCore.Hosting.Diagnostics";

    private const string GenericHost = "Microsoft.Extensions.Hosting.Internal.Host";

    private const string StartEnded = "Orleans.Runtime.OrleansLifecycleCanceledException";

    private const string Template =
        "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj} {CorrelationId} {TraceId}{NewLine}{" + FaultLines.Property + ":l}";

    /// <summary>Writes logs through Serilog.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The level and form.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatLogging(this IServiceCollection services, LoggingOptions options)
    {
        var levels = new LogLevels(options);
        var logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(levels.Own)
            .MinimumLevel.Override(ContentLog.Category, levels.Content)
            .MinimumLevel.Override("Microsoft", levels.Platform)
            .MinimumLevel.Override("System", levels.Platform)
            .MinimumLevel.Override("Orleans", levels.Platform)
            // Serilog passes over the filters of other extensions, so Kestrel's repetition of faults is left out here as well.
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel", LogEventLevel.Fatal)
            .Filter.ByExcluding(IsToldOtherwise)
            .Enrich.FromLogContext()
            .Enrich.With<ControlCharacters>();
        if (!options.Json)
            logger = logger.Enrich.With<FaultLines>();

        // Standard output is for what a command answers; logs beside it would spoil pipes.
        logger = options.Json
            ? logger.WriteTo.Console(new JsonLines(), standardErrorFromLevel: LogEventLevel.Verbose)
            : logger.WriteTo.Console(
                outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose);

        services.AddSingleton(levels);
        return services.AddLogging(logging =>
        {
            logging.ClearProviders();

            // The switches decide, since they can change while the server runs.
            logging.SetMinimumLevel(LogLevel.Trace);
            logging.AddSerilog(logger.CreateLogger(), dispose: true);

            // While this category is heard, the server makes a span and a scope for each request, whether or not anybody wants them. It has nothing to say above details.
            logging.AddFilter<SerilogLoggerProvider>(RequestDetails, _ => levels.Platform.MinimumLevel <= LogEventLevel.Information);
        });
    }

    /// <summary>
    /// Whether a line is the host's own about an address that is taken, which the executables tell in two lines, or about a service that was told to end before it began, which is no failure.
    /// </summary>
    private static bool IsToldOtherwise(LogEvent line) =>
        line.Exception?.GetType().FullName == StartEnded
        || line is { Exception: IOException, MessageTemplate.Text: "Hosting failed to start" } or { Exception: OperationCanceledException }
            && line.Properties.TryGetValue(Serilog.Core.Constants.SourceContextPropertyName, out var source)
            && source is ScalarValue { Value: GenericHost };

    /// <summary>Lets the levels follow the settings from now on.</summary>
    /// <param name="services">The services.</param>
    public static void FollowLogLevels(this IServiceProvider services) =>
        services.GetService<LogLevels>()?.Follow(services.GetRequiredService<IOptionsMonitor<OrleansChatOptions>>());
}
