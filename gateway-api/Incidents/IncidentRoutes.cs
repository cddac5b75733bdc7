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
    /// <summary>Maps the route.</summary>
    public static void MapIncidents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/incidents", Get).WithTags("Operation").RequireAdmin();

    private static Ok<IncidentList> Get(FailureLog failures) =>
        TypedResults.Ok(new IncidentList(failures.All, [.. failures.Counts.Select(one => new CountLine(one.Layer, one.Code, one.Count))]));

    internal sealed record IncidentList(IReadOnlyList<Incident> Items, IReadOnlyList<CountLine> Counts);

    internal sealed record CountLine(string Layer, string Code, long Count);
}
