using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Health;

/// <summary><c>/health</c>, <c>/live</c> and <c>/ready</c>.</summary>
internal static class HealthRoutes
{
    /// <summary>Maps the routes. They are open to all; only callers with a key see details.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Made now and not at the first request: its uptime counts from here.
        _ = routes.ServiceProvider.GetRequiredService<HealthChecks>();
        var health = routes.MapGroup("").WithTags("Operation").WithMetadata(new OptionalKey());
        health.MapGet(HealthMiddleware.Route, HealthAsync).Produces<HealthBody>();
        health.MapGet("/live", () => TypedResults.Ok(new StatusOnly("alive")));
        health.MapGet("/ready", ReadyAsync);
    }

    // Nearly all are answered by the middleware, before they come here.
    private static Task HealthAsync(HttpContext context, HealthAnswers answers) =>
        answers.GiveAsync(context, context.Features.Get<ApiKey>() is not null);

    private static async Task<JsonHttpResult<StatusOnly>> ReadyAsync(HealthChecks checks, DrainGate drain, CancellationToken cancellationToken)
    {
        if (drain.IsClosed)
            return Ready(false, "draining");
        var view = await checks.LookAsync(cancellationToken);
        var ready = view.Status is not HealthStatus.Unhealthy;
        return Ready(ready, ready ? "ready" : "unhealthy");
    }

    private static JsonHttpResult<StatusOnly> Ready(bool ready, string status) => TypedResults.Json(new StatusOnly(status), statusCode: StatusOf(ready));

    private static int StatusOf(bool good) => good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    internal sealed record StatusOnly(string Status);
}
