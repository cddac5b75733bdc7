using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.GatewayApi.Security;
using OrleansChat.Silo.Dashboard;
using OrleansChat.Silo.Health;
using OrleansChat.Silo.Incidents;
using OrleansChat.Silo.Keys;
using OrleansChat.Silo.Telemetry;

namespace OrleansChat.Silo.Hosting;

/// <summary>A silo's own web server: the same limits and headers as a gateway's, before routes of operation alone.</summary>
internal static class SiloDoor
{
    /// <summary>Listens where the settings say.</summary>
    /// <param name="web">The web host.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same web host.</returns>
    public static IWebHostBuilder UseSiloDoor(this IWebHostBuilder web, OrleansChatOptions options) => web
        .UseKestrel(server => server.Limit(options.Gateway.MaxRequestBytes))
        .UseUrls(options.Cluster.SiloUrls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Configure(static application =>
        {
            application.UseMiddleware<SecurityHeaders>();
            application.UseRouting();
            application.RequireAdminKey(DashboardRoutes.Path);
            application.RequireAdminKey(SiloIncidentRoutes.Path);
            application.AllowDashboardPage();
            application.UseEndpoints(static endpoints =>
            {
                endpoints.MapSiloHealth();
                endpoints.MapSiloIncidents();
                endpoints.MapSiloMetrics();
                endpoints.MapSiloDashboard();
            });
        });
}
