using Orleans.Dashboard;

namespace OrleansChat.Silo.Dashboard;

/// <summary>The Orleans Dashboard.</summary>
internal static class DashboardRoutes
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dashboard";

    // The page has its own scripts, fonts and pictures, some of them in its text; its parts write their styles where they stand.
    private const string PagePolicy =
        "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; frame-ancestors 'none'";

    /// <summary>Lets browsers make of the dashboard what it is, where all other answers are to be made nothing of.</summary>
    /// <param name="application">The application.</param>
    public static void AllowDashboardPage(this IApplicationBuilder application) => application.UseWhen(
        static context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase),
        static page => page.Use(static (context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return next(context);
        }));

    /// <summary>Maps the dashboard.</summary>
    /// <param name="endpoints">Where routes go.</param>
    public static void MapSiloDashboard(this IEndpointRouteBuilder endpoints) => endpoints.MapOrleansDashboard(Path);
}
