using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Health;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Security;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.Silo.Keys;

namespace OrleansChat.Silo.Health;

/// <summary><c>/live</c>, <c>/ready</c> and <c>/health</c> of a silo: as a gateway's, with a silo's components.</summary>
internal static class SiloHealthRoutes
{
    /// <summary>Adds what is looked after, and who may see it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSiloHealth(this IServiceCollection services, OrleansChatOptions options)
    {
        services.AddRouting();
        services.AddKeys();
        services.AddSingleton<AuthenticationFailures>();
        services.AddSingleton<SiloCallers>();
        services.AddHealth(options);
        services.AddSingleton<IHealthComponent, MembershipHealth>();
        services.AddSingleton<IHealthComponent, RedisHealth>();
        services.AddSingleton<IHealthComponent, SessionHealth>();
        services.AddHostedService<HealthKeeping>();
        services.AddHostedService<KeyKeeping>();
        services.AddSingleton(static provider => new HealthAnswers(
            provider.GetRequiredService<HealthChecks>(), provider.GetRequiredService<SlaRecorder>(), Options.Create(JsonOfHealth())));
        return services;
    }

    /// <summary>Maps the routes. They are open to all; only callers with a key see details.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloHealth(this IEndpointRouteBuilder endpoints)
    {
        // Made now and not at the first request: its uptime counts from here.
        _ = endpoints.ServiceProvider.GetRequiredService<HealthChecks>();
        endpoints.MapGet("/live", static () => TypedResults.Json(new StatusOnly("alive")));
        endpoints.MapGet("/ready", static async (HealthChecks checks, IHostApplicationLifetime lifetime, CancellationToken cancellationToken) =>
        {
            var isReady = !lifetime.ApplicationStopping.IsCancellationRequested && (await checks.LookAsync(cancellationToken)).Status is not HealthStatus.Unhealthy;
            return TypedResults.Json(new StatusOnly(isReady ? "ready" : "unhealthy"), statusCode: CodeOf(isReady));
        });
        endpoints.MapGet("/health", static async (HttpContext context, SiloCallers callers, HealthAnswers answers) =>
            await answers.GiveAsync(context, await callers.FindAsync(context) is not null));
    }

    private static JsonOptions JsonOfHealth()
    {
        var json = new JsonOptions();
        json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        return json;
    }

    private static int CodeOf(bool good) => good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private sealed record StatusOnly(string Status);
}
