// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Microsoft.AspNetCore.Server.Kestrel.Core;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>What a connection may do, and how slowly.</summary>
internal static class ConnectionLimits
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxHeaders = 100;
    private const int MaxRequestLineBytes = 8 * 1024;
    private const double MinBytesPerSecond = 240;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(2);

    /// <summary>Limits every connection of a server, which does not say what it is.</summary>
    /// <param name="server">The server.</param>
    /// <param name="maxRequestBytes">The longest body, in bytes.</param>
    public static void Limit(this KestrelServerOptions server, long maxRequestBytes)
    {
        server.AddServerHeader = false;
        var limits = server.Limits;
        limits.MaxRequestBodySize = maxRequestBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.RequestHeadersTimeout = HeaderTimeout;
        limits.KeepAliveTimeout = KeepAlive;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Grace);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, Grace);
    }
}
