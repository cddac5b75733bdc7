using System.Net;
using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Telemetry.Exposition;

namespace OrleansChat.Silo.Telemetry;

/// <summary><c>GET /metrics</c> of a silo, for any configured key, and for this machine without one.</summary>
internal static class SiloMetricsRoutes
{
    private const string Bearer = "Bearer ";

    /// <summary>Maps the route.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloMetrics(this IEndpointRouteBuilder endpoints)
    {
        // Made now and not at the first request: what is measured before counts too.
        _ = endpoints.ServiceProvider.GetRequiredService<MetricCollector>();
        _ = endpoints.ServiceProvider.GetRequiredService<BreakerMetrics>();
        endpoints.MapGet("/metrics", static (HttpContext context, MetricCollector metrics, OrleansChatOptions options, TimeProvider time) =>
            IsThisMachine(context) || IsKnown(context.Request, options, time)
                ? Results.Text(metrics.Write(openMetrics: false), "text/plain; version=0.0.4", Encoding.UTF8)
                : Results.StatusCode(StatusCodes.Status401Unauthorized));
    }

    private static bool IsThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !context.Request.Headers.ContainsKey("X-Forwarded-For");

    private static bool IsKnown(HttpRequest request, OrleansChatOptions options, TimeProvider time)
    {
        if (request.Headers.Authorization is not [{ } given] || !given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return false;

        // Hashes have one length, and every key is compared: the time taken tells nothing.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given[Bearer.Length..].Trim()));
        var found = false;
        foreach (var key in options.ApiKeys)
        {
            found |= Secret.From(key.Secret, time).Read() is { } known
                && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(known)), hash);
        }

        return found;
    }
}
