using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Health;

/// <summary><c>/health</c>, <c>/live</c> and <c>/ready</c>.</summary>
internal static class HealthRoutes
{
    private const int Day = 24;
    private const int Week = 7 * Day;

    private static readonly string Version =
        typeof(HealthRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Maps the routes. They are open to all; only callers with a key see details.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Made now and not at the first request: its uptime counts from here.
        _ = routes.ServiceProvider.GetRequiredService<HealthChecks>();
        var health = routes.MapGroup("").WithTags("Operation").WithMetadata(new OptionalKey());
        health.MapGet("/health", HealthAsync);
        health.MapGet("/live", () => TypedResults.Ok(new StatusOnly("alive")));
        health.MapGet("/ready", ReadyAsync);
    }

    private static async Task<JsonHttpResult<HealthBody>> HealthAsync(HttpContext context, HealthChecks checks, SlaRecorder sla)
    {
        var view = await checks.LookAsync(context.RequestAborted);
        var body = new HealthBody(view.Status);
        if (context.Features.Get<ApiKey>() is not null)
        {
            body = body with
            {
                Version = Version,
                UptimeSeconds = Math.Round(checks.Uptime.TotalSeconds, 3),
                OverallSla = sla.Share(SlaRecorder.Overall, Day) ?? 100,
                Components = view.Components.ToDictionary(component => component.Name, component => ToBody(component, sla)),
            };
        }

        return TypedResults.Json(body, statusCode: StatusOf(view.Status is not HealthStatus.Unhealthy));
    }

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

    private static ComponentBody ToBody(ComponentHealth component, SlaRecorder sla) => new(component.Status, component.IsCritical)
    {
        ResponseTimeMs = component.ResponseTimeMs,
        Detail = component.Detail,
        LastError = component.LastError,
        LastErrorAt = component.LastErrorAt,
        UptimeSeconds = Math.Round(component.Uptime.TotalSeconds, 3),
        SlaCurrent = sla.Share(component.Name, Day) ?? 100,
        Sla = new SlaBody(sla.Share(component.Name, Day) ?? 100, sla.Share(component.Name, Week) ?? 100, sla.Share(component.Name, SlaHistory.Hours) ?? 100),
        Counts = component.Counts,
    };

    internal sealed record StatusOnly(string Status);

    internal sealed record HealthBody(HealthStatus Status)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Version { get; init; }

        [JsonPropertyName("uptime_seconds")]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? UptimeSeconds { get; init; }

        [JsonPropertyName("overall_sla")]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? OverallSla { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyDictionary<string, ComponentBody>? Components { get; init; }
    }

    internal sealed record ComponentBody(HealthStatus Status, bool Critical)
    {
        [JsonPropertyName("response_time_ms")]
        public double ResponseTimeMs { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Detail { get; init; }

        [JsonPropertyName("last_error")]
        public string? LastError { get; init; }

        [JsonPropertyName("last_error_at")]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public DateTimeOffset? LastErrorAt { get; init; }

        [JsonPropertyName("uptime_seconds")]
        public double UptimeSeconds { get; init; }

        [JsonPropertyName("sla_current")]
        public double SlaCurrent { get; init; }

        public required SlaBody Sla { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyDictionary<string, long>? Counts { get; init; }
    }

    internal sealed record SlaBody(double Day, double Week, double Month);
}
