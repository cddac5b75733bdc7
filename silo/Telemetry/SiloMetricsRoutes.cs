using System.Text;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.Silo.Keys;

namespace OrleansChat.Silo.Telemetry;

/// <summary><c>GET /metrics</c> of a silo, for any valid key, and for this machine without one.</summary>
internal static class SiloMetricsRoutes
{
    /// <summary>Maps the route.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloMetrics(this IEndpointRouteBuilder endpoints)
    {
        // Made now and not at the first request: what is measured before counts too.
        _ = endpoints.ServiceProvider.GetRequiredService<MetricCollector>();
        _ = endpoints.ServiceProvider.GetRequiredService<BreakerMetrics>();
        endpoints.MapGet("/metrics", static async (HttpContext context, MetricCollector metrics, SiloCallers callers) =>
            LocalCallers.IsThisMachine(context) || await callers.FindAsync(context) is not null
                ? Results.Text(metrics.Write(openMetrics: false), "text/plain; version=0.0.4", Encoding.UTF8)
                : Results.StatusCode(StatusCodes.Status401Unauthorized));
    }
}
