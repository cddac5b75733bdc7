using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary><c>/chat/ws/{clientId}/{sessionId}</c>.</summary>
internal static class SocketRoutes
{
    /// <summary>The part of the time to drain that turns have to end; in the rest clients are told where to resume.</summary>
    private const double DrainShare = 0.75;

    /// <summary>Maps the route, for HTTP/1.1 and, with its extended CONNECT, HTTP/2.</summary>
    public static void MapSockets(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/chat/ws/{clientId}/{sessionId}", [HttpMethods.Get, HttpMethods.Connect], ServeAsync).WithTags("Chat");

    private static async Task ServeAsync(
        string clientId,
        string sessionId,
        HttpContext context,
        Caller caller,
        CallerIdentity callers,
        SessionAccess sessions,
        TurnReader turns,
        SocketSearch search,
        OrleansChatOptions options,
        DrainGate drain,
        OpenSockets sockets,
        LoadGate gate,
        ObjectPool<FrameBuffer> buffers,
        GatewayMetrics metrics,
        TimeProvider clock,
        ILogger<ChatSocket> logger)
    {
        CheckId("clientId", clientId);
        CheckId("sessionId", sessionId);
        if (!context.WebSockets.IsWebSocketRequest)
            throw RequestException.Invalid("Upgrade", "This route speaks WebSocket only.", "Open it with a WebSocket client.");
        SocketOrigins.Check(context.Request, options.Gateway.Sockets);
        drain.Enter();

        // Before the handshake is accepted, so that a session of somebody else is a 404 and not a socket that closes.
        var session = sessions.Find(sessionId);
        await session.CreateAsync(caller.Key, new SessionSettings(), context.RequestAborted);

        using var place = sockets.Enter(caller.Key.Id);

        // An open socket is no work, and whoever learns that it is open finds its place free.
        if (RequestWork.Of(context) is { } opening)
            gate.LeaveSocket(opening);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var open = metrics.OpenSocket();
        using var writer = new SocketWriter(socket, buffers, context.TraceIdentifier, options.Gateway.Sockets.SendTimeout, clock, context.Abort);
        var reader = new SocketReader(socket, options.Gateway);
        var patience = options.Gateway.DrainTimeout * DrainShare;
        await new ChatSocket(session, caller.Key, () => callers.RecallAsync(context), place, reader, writer, turns, search, drain, gate, patience, clock, logger).RunAsync(context.RequestAborted);
    }

    private static void CheckId(string name, string id)
    {
        if (!SessionAccess.IsId(id))
            throw RequestException.Invalid(name, $"'{name}' must be 1 to 100 letters, digits, '-' or '_'.", "Use a UUID.");
    }
}
