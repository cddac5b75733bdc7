using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using OrleansChat.GatewayApi.Anthropic;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Health;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.Operation;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.SimpleChat;
using OrleansChat.GatewayApi.Sockets;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>Maps the gateway.</summary>
public static class GatewayRoutes
{
    private static readonly TimeSpan SocketKeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>Adds the gateway's middleware and all its routes.</summary>
    /// <param name="application">The application.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapOrleansChat(this WebApplication application)
    {
        application.UseMiddleware<CorrelationMiddleware>();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = SocketKeepAlive, KeepAliveTimeout = SocketKeepAlive });
        application.UseRouting();
        application.UseMiddleware<KeyMiddleware>();

        application.MapSessions();
        application.MapTurns();
        application.MapSockets();
        application.MapSimpleChat();
        application.MapOpenAI();
        application.MapAnthropic();
        application.MapSearch();
        application.MapLimits();
        application.MapUsage();
        application.MapBreakers();
        application.MapKeys();
        application.MapHealth();
        application.MapMetrics();
        application.MapOpenApi().WithMetadata(new AllowAnonymousAttribute());
        return application;
    }
}
