using Orleans.Dashboard;

namespace OrleansChat.Silo.Dashboard;

/// <summary>The Orleans Dashboard.</summary>
internal static class DashboardRoutes
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dashboard";

    /// <summary>Maps the dashboard.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloDashboard(this IEndpointRouteBuilder endpoints) => endpoints.MapOrleansDashboard(Path);
}
