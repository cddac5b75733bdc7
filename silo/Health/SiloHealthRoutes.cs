using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Silo.Health;

/// <summary><c>/live</c>, <c>/ready</c> and <c>/health</c> of a silo.</summary>
internal static class SiloHealthRoutes
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    /// <summary>Adds what is looked after.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSiloHealth(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddSingleton<IHealthComponent, MembershipHealth>();
        services.AddSingleton<IHealthComponent, RedisHealth>();
        services.AddSingleton<IHealthComponent, SessionHealth>();
        return services;
    }

    /// <summary>Maps the routes.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/live", static () => TypedResults.Json(new Status("alive")));
        endpoints.MapGet("/ready", static async (IEnumerable<IHealthComponent> components, IHostApplicationLifetime lifetime) =>
        {
            var isReady = !lifetime.ApplicationStopping.IsCancellationRequested
                && (await LookAsync(components.Where(static component => component.IsCritical))).Values.All(static one => one.Status is not HealthStatus.Unhealthy);
            return TypedResults.Json(new Status(isReady ? "ready" : "unhealthy"), statusCode: CodeOf(isReady));
        });
        endpoints.MapGet("/health", static async (IEnumerable<IHealthComponent> components) =>
        {
            var found = await LookAsync(components);
            var overall = Overall(components, found);
            var parts = found.ToDictionary(static one => one.Key, static one => new Part(NameOf(one.Value.Status), one.Value.Detail, one.Value.Counts));
            return TypedResults.Json(new Whole(NameOf(overall), parts), statusCode: CodeOf(overall is not HealthStatus.Unhealthy));
        });
    }

    private static int CodeOf(bool good) => good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    private static HealthStatus Overall(IEnumerable<IHealthComponent> components, Dictionary<string, HealthFinding> found)
    {
        if (components.Any(component => component.IsCritical && found[component.Name].Status is HealthStatus.Unhealthy))
            return HealthStatus.Unhealthy;
        return found.Values.All(static one => one.Status is HealthStatus.Healthy) ? HealthStatus.Healthy : HealthStatus.Degraded;
    }

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private static async Task<Dictionary<string, HealthFinding>> LookAsync(IEnumerable<IHealthComponent> components)
    {
        var found = new Dictionary<string, HealthFinding>(StringComparer.Ordinal);
        foreach (var component in components)
            found[component.Name] = await LookAsync(component);

        return found;
    }

    private static async Task<HealthFinding> LookAsync(IHealthComponent component)
    {
        using var limit = new CancellationTokenSource(TimeLimit);
        try
        {
            return await component.CheckAsync(limit.Token).AsTask().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return new HealthFinding(HealthStatus.Unhealthy, $"The check took more than {TimeLimit.TotalSeconds:F0} seconds.");
        }
        catch (Exception fault)
        {
            return new HealthFinding(HealthStatus.Unhealthy, fault is OrleansChatException known ? known.Problem.Detail : fault.GetType().Name);
        }
    }

    private sealed record Status([property: System.Text.Json.Serialization.JsonPropertyName("status")] string Value);

    private sealed record Whole(string Status, IReadOnlyDictionary<string, Part> Components);

    private sealed record Part(string Status, string? Detail, IReadOnlyDictionary<string, long>? Counts);
}
