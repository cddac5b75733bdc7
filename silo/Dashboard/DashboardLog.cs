using OrleansChat.GatewayApi.Logging;
using Serilog.Events;

namespace OrleansChat.Silo.Dashboard;

/// <summary>
/// What the dashboard's listener hears of the log: what the log itself has. It says that it wants everything, and the runtime would put every message of every grain into words,
/// whether or not anybody looks at the page.
/// </summary>
internal static class DashboardLog
{
    private const string Listener = "Orleans.Dashboard.Implementation.DashboardLogger";

    private static readonly string[] Platform = ["Orleans", "Microsoft", "System"];

    /// <summary>Lets the listener hear no more than the settings ask for, now and after each of their changes.</summary>
    /// <param name="services">The services, with the log's levels.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection LimitDashboardLog(this IServiceCollection services)
    {
        services.AddOptions<LoggerFilterOptions>().Configure<LogLevels>(static (filters, levels) =>
        {
            filters.Rules.Add(new LoggerFilterRule(Listener, null, null, (_, _, level) => IsHeard(level, levels.Own.MinimumLevel)));
            foreach (var category in Platform)
                filters.Rules.Add(new LoggerFilterRule(Listener, category, null, (_, _, level) => IsHeard(level, levels.Platform.MinimumLevel)));
        });
        return services;
    }

    private static bool IsHeard(LogLevel level, LogEventLevel least) => level != LogLevel.None && (LogEventLevel)level >= least;
}
