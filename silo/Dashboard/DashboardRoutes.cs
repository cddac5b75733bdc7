using Orleans.Dashboard;

namespace OrleansChat.Silo.Dashboard;

/// <summary>The Orleans Dashboard.</summary>
internal static class DashboardRoutes
{
    private const string Prefix = "/dashboard";

    /// <summary>Asks everybody who opens the dashboard for an admin key.</summary>
    /// <param name="application">The application.</param>
    public static void UseDashboardKey(this IApplicationBuilder application) =>
        application.UseWhen(
            static context => context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase),
            static dashboard => dashboard.UseMiddleware<AdminKeyMiddleware>());

    /// <summary>Maps the dashboard.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloDashboard(this IEndpointRouteBuilder endpoints) => endpoints.MapOrleansDashboard(Prefix);
}
