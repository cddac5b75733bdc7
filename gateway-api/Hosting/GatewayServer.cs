using Microsoft.AspNetCore.Hosting;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>Sets the web server up.</summary>
public static class GatewayServer
{
    /// <summary>Listens where the settings say, and limits what a connection may do.</summary>
    /// <param name="host">The web host.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same web host.</returns>
    public static IWebHostBuilder UseOrleansChatKestrel(this IWebHostBuilder host, OrleansChatOptions options)
    {
        host.UseUrls(options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return host.UseKestrel(server => server.Limit(options.Gateway.MaxRequestBytes));
    }
}
