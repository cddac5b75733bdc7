using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Health;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Sessions;
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
        application.UseMiddleware<CorrelationMiddleware>();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseRouting();
        application.UseMiddleware<KeyMiddleware>();

        application.MapSessions();
        application.MapTurns();
        application.MapHealth();
        application.MapOpenApi().WithMetadata(new AllowAnonymousAttribute());
        return application;
    }
}
