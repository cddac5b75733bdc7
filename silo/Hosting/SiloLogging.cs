using OrleansChat.Core.Settings;

namespace OrleansChat.Silo.Hosting;

/// <summary>Sets the logs up: to standard error, as text for people or as JSON for machines.</summary>
internal static class SiloLogging
{
    /// <summary>Writes logs.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The level and form.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSiloLogging(this IServiceCollection services, LoggingOptions options)
    {
        var level = Enum.Parse<LogLevel>(options.Level, ignoreCase: true);
        var foreign = level is LogLevel.Information ? LogLevel.Warning : level;
        return services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(level);
            logging.AddFilter(nameof(Orleans), foreign).AddFilter(nameof(Microsoft), foreign);
            logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            if (options.Json)
                logging.AddJsonConsole();
            else
                logging.AddSimpleConsole(console => console.SingleLine = true);
        });
    }
}
