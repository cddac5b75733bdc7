using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>GET /api/limits</c>.</summary>
internal static class LimitRoutes
{
    /// <summary>Maps the route.</summary>
    public static void MapLimits(this IEndpointRouteBuilder routes) => routes.MapGet("/api/limits", GetAsync).WithTags("Operation");

    private static async Task<Ok<LimitList>> GetAsync(Caller caller, Scopes scopes, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var lines = await Task.WhenAll((await scopes.VisibleToAsync(caller.Key, cancellationToken)).Select(scope => DescribeAsync(scope, actors, cancellationToken)));
        return TypedResults.Ok(new LimitList(lines));
    }

    private static async Task<LimitLine> DescribeAsync(Scope scope, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var limits = scope.HasLimits ? await actors.RateLimiter(scope.Name).DescribeAsync(scope.Limits, cancellationToken) : new RateLimitStatus();
        var budget = scope.HasLedger ? await actors.CostTracker(scope.Name).DescribeAsync(scope.Budget, cancellationToken) : null;
        return new LimitLine(scope.Name, limits, budget is null ? null : BudgetLine.Of(budget));
    }

    internal sealed record LimitList(IReadOnlyList<LimitLine> Scopes);

    internal sealed record LimitLine(string Scope, RateLimitStatus Limits, BudgetLine? Budget);

    internal sealed record BudgetLine(
        decimal? LimitUsd, decimal SpentUsd, decimal ReservedUsd, decimal? RemainingUsd, DateTimeOffset? WindowStart, DateTimeOffset? WindowEnd)
    {
        public static BudgetLine Of(BudgetStatus status) => new(
            Usd(status.LimitNanoUsd),
            NanoUsd.ToUsd(status.SpentNanoUsd),
            NanoUsd.ToUsd(status.ReservedNanoUsd),
            Usd(status.RemainingNanoUsd),
            status.WindowStart,
            status.WindowEnd);

        private static decimal? Usd(long? nano) => nano is { } value ? NanoUsd.ToUsd(value) : null;
    }
}
