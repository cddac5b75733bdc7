using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>GET /api/limits</c>; with <c>?session=</c> that session's budget too.</summary>
internal static class LimitRoutes
{
    private const int MaxSession = 128;

    /// <summary>Maps the route.</summary>
    public static void MapLimits(this IEndpointRouteBuilder routes) => routes.MapGet("/api/limits", GetAsync).WithTags("Operation");

    private static async Task<Ok<LimitList>> GetAsync(
        HttpRequest request, Caller caller, Scopes scopes, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var visible = await scopes.VisibleToAsync(caller.Key, cancellationToken);
        if (request.Query.Text("session", MaxSession) is { } session)
            visible = visible.Append(await scopes.OfSessionAsync(session, caller.Key, cancellationToken));

        var lines = await Task.WhenAll(visible.Select(scope => DescribeAsync(scope, actors, cancellationToken)));
        return TypedResults.Ok(new LimitList(lines));
    }

    private static async Task<LimitLine> DescribeAsync(Scope scope, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var limits = scope.HasLimits ? await actors.RateLimiter(scope.Name).DescribeAsync(scope.Limits, cancellationToken) : new RateLimitStatus();
        var budget = scope.IsBooked ? await actors.CostTracker(scope.Name).DescribeAsync(scope.Budget, cancellationToken) : null;
        return new LimitLine(scope.Name, limits, budget is null ? null : BudgetLine.Of(budget));
    }

    internal sealed record LimitList(IReadOnlyList<LimitLine> Scopes);

    internal sealed record LimitLine(string Scope, RateLimitStatus Limits, BudgetLine? Budget);
}
