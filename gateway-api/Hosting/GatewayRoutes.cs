using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.GatewayApi.Anthropic;
using OrleansChat.GatewayApi.ContentLogging;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Flags;
using OrleansChat.GatewayApi.Health;
using OrleansChat.GatewayApi.Incidents;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.GatewayApi.Mcp;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.OpenApi;
using OrleansChat.GatewayApi.Operation;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Responses;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Security;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.SimpleChat;
using OrleansChat.GatewayApi.Sockets;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>Maps the gateway.</summary>
public static class GatewayRoutes
{
    /// <summary>Adds the gateway's middleware and all its routes.</summary>
    /// <param name="application">The application.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapOrleansChat(this WebApplication application)
    {
        // Made first: what is measured before there is a collector is lost.
        application.Services.GetService<MetricCollector>();

        // Made now: from here on, files are watched and levels follow them.
        application.Services.GetService<SettingsWatch>();
        application.Services.FollowLogLevels();

        application.UseMiddleware<HealthMiddleware>();
        application.UseMiddleware<OverloadMiddleware>();
        application.UseMiddleware<CorrelationMiddleware>();
        application.UseMiddleware<RequestLog>();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseMiddleware<SecurityHeaders>();
        var sockets = application.Services.GetRequiredService<OrleansChatOptions>().Gateway.Sockets;
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = sockets.PingInterval, KeepAliveTimeout = sockets.PongTimeout });
        application.UseRouting();
        application.UseMiddleware<KeyMiddleware>();
        application.UseMiddleware<ContentMiddleware>();

        application.MapSessions();
        application.MapTurns();
        application.MapSockets();
        application.MapSimpleChat();
        application.MapOpenAI();
        application.MapAnthropic();
        application.MapResponses();
        application.MapSearch();
        application.MapMcp();
        application.MapLimits();
        application.MapUsage();
        application.MapBudgets();
        application.MapBreakers();
        application.MapKeys();
        application.MapFlags();
        application.MapIncidents();
        application.MapBackup();
        application.MapHealth();
        application.MapMetrics();
        application.MapApiDescription();
        return application;
    }
}
