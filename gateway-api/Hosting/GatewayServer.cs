using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>Sets the web server up.</summary>
public static class GatewayServer
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxHeaders = 100;
    private const int MaxRequestLineBytes = 8 * 1024;
    private const double MinBytesPerSecond = 240;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(2);

    /// <summary>Listens where the settings say, and limits what a connection may do.</summary>
    /// <param name="host">The web host.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same web host.</returns>
    public static IWebHostBuilder UseOrleansChatKestrel(this IWebHostBuilder host, OrleansChatOptions options)
    {
        host.UseUrls(options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return host.UseKestrel(server =>
        {
            server.AddServerHeader = false;
            var limits = server.Limits;
            limits.MaxRequestBodySize = options.Gateway.MaxRequestBytes;
            limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            limits.MaxRequestHeaderCount = MaxHeaders;
            limits.MaxRequestLineSize = MaxRequestLineBytes;
            limits.RequestHeadersTimeout = HeaderTimeout;
            limits.KeepAliveTimeout = KeepAlive;
            limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Grace);
            limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, Grace);
        });
    }
}
