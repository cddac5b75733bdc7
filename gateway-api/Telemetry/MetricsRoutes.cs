using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary><c>GET /metrics</c>, for any key, and for this machine without one: a collector beside the server needs none.</summary>
internal static class MetricsRoutes
{
    private const string OpenMetrics = "application/openmetrics-text";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Maps the route.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        // Made now and not at the first request: what is measured before counts too.
        var services = routes.ServiceProvider;
        _ = services.GetRequiredService<MetricCollector>();
        _ = services.GetRequiredService<GatewayMetrics>();
        _ = services.GetRequiredService<BreakerMetrics>();
        _ = services.GetServices<IScrapeSource>().Count();
        routes.MapGet("/metrics", WriteAsync).WithTags("Operation").WithMetadata(new OptionalKey());
    }

    private static async Task WriteAsync(
        HttpContext context, MetricCollector metrics, IEnumerable<IScrapeSource> sources, TimeProvider clock)
    {
        if (context.Features.Get<ApiKey>() is null && !LocalCallers.IsThisMachine(context))
        {
            throw new RequestException(Problem.Of(
                ProblemCode.Unauthenticated, "Metrics are shown to callers with a key, and to this machine.", "Send 'Authorization: Bearer <key>'."));
        }

        await RefreshAsync(sources, clock, context.RequestAborted);
        var openMetrics = context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(OpenMetrics, StringComparison.OrdinalIgnoreCase));
        context.Response.ContentType = openMetrics ? $"{OpenMetrics}; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(metrics.Write(openMetrics), context.RequestAborted);
    }

    // What cannot be asked now is shown as it was: metrics are needed most when something does not answer.
    private static async Task RefreshAsync(IEnumerable<IScrapeSource> sources, TimeProvider clock, CancellationToken aborted)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
        await Task.WhenAll(sources.Select(source => source.RefreshAsync(either.Token).AsTask().WaitAsync(either.Token)))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
