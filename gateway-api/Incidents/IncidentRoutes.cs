using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Incidents;

/// <summary><c>GET /api/incidents</c>, for admin keys.</summary>
internal static class IncidentRoutes
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Maps the route.</summary>
    public static void MapIncidents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/incidents", GetAsync).WithTags("Operation").RequireAdmin();

    private static async Task<Ok<IncidentList>> GetAsync(FailureLog failures, IncidentExchange exchange, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Asked of the owner, so that every process shows the same; what is known here stands in for an owner that does not answer.
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await exchange.ExchangeAsync(either.Token);
        return TypedResults.Ok(failures.Known);
    }
}
