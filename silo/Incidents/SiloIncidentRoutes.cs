using OrleansChat.Core.Errors.Incidents;

namespace OrleansChat.Silo.Incidents;

/// <summary><c>GET /api/incidents</c> of a silo: what gateways show, for when there is none.</summary>
internal static class SiloIncidentRoutes
{
    /// <summary>Where it is.</summary>
    public const string Path = "/api/incidents";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Maps the route.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloIncidents(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(
        Path,
        static async (FailureLog failures, IncidentExchange exchange, TimeProvider clock, CancellationToken cancellationToken) =>
        {
            using var limit = new CancellationTokenSource(Limit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await exchange.ExchangeAsync(either.Token);
            return TypedResults.Json(failures.Known);
        });
}
