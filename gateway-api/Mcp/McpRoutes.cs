using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Overload;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>
/// <c>/mcp</c>: the streamable HTTP transport of the Model Context Protocol
/// (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports), with sessions.
/// </summary>
internal static class McpRoutes
{
    private const string Path = "/mcp";
    private const string SessionHeader = "Mcp-Session-Id";

    private static readonly JsonTypeInfo<JsonRpcMessage> Message =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    /// <summary>Maps the route.</summary>
    public static void MapMcp(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, PostAsync).ExcludeFromDescription();
        routes.MapGet(Path, ListenAsync).ExcludeFromDescription();
        routes.MapDelete(Path, EndAsync).ExcludeFromDescription();
    }

    private static async Task PostAsync(HttpContext context, Caller caller, McpSessions sessions, DrainGate drain)
    {
        drain.Enter();
        if (await McpRequests.RefuseAsync(context, "application/json", "text/event-stream"))
            return;

        // A tool may wait for a turn, and the session that runs it knows nothing of this request.
        RequestWork.Of(context)?.Leave();
        if (await ReadAsync(context) is not { } message)
        {
            await McpErrors.WriteAsync(context, StatusCodes.Status400BadRequest, McpErrors.InvalidRequest, "The body is not a JSON-RPC message.");
            return;
        }

        var id = context.Request.Headers[SessionHeader].ToString();
        var isFirst = id.Length == 0 && message is JsonRpcRequest { Method: RequestMethods.Initialize };
        var session = isFirst ? await sessions.OpenAsync(caller.Key) : await FindAsync(context, caller, sessions, message);
        if (session is null)
            return;

        using var use = session.Use();
        BeginStream(context, session);
        if (!await session.Transport.HandlePostRequestAsync(message, context.Response.Body, context.RequestAborted) && !context.Response.HasStarted)
        {
            context.Response.Headers.ContentType = default;
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    private static async Task ListenAsync(HttpContext context, Caller caller, McpSessions sessions, IHostApplicationLifetime lifetime)
    {
        if (await McpRequests.RefuseAsync(context, "text/event-stream") || await FindAsync(context, caller, sessions, null) is not { } session)
            return;
        if (!session.TryListen())
        {
            await McpErrors.WriteAsync(context, StatusCodes.Status409Conflict, McpErrors.InvalidRequest, "The session's stream is open already.");
            return;
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var use = session.Use();
        try
        {
            RequestWork.Of(context)?.Leave();
            BeginStream(context, session);
            await context.Response.Body.FlushAsync(ends.Token);
            await session.Transport.HandleGetRequestAsync(context.Response.Body, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The way in which such a stream ends.
        }
        finally
        {
            session.EndListening();
        }
    }

    private static async Task EndAsync(HttpContext context, Caller caller, McpSessions sessions)
    {
        if (await McpRequests.RefuseAsync(context) || await FindAsync(context, caller, sessions, null) is not { } session)
            return;
        await sessions.CloseAsync(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask<McpSession?> FindAsync(HttpContext context, Caller caller, McpSessions sessions, JsonRpcMessage? message)
    {
        var id = context.Request.Headers[SessionHeader].ToString();
        var request = (message as JsonRpcRequest)?.Id ?? default;
        if (id.Length == 0)
            await McpErrors.WriteAsync(context, StatusCodes.Status400BadRequest, McpErrors.InvalidRequest, $"The header {SessionHeader} is missing.", request);
        else if (sessions.Find(id, caller.Key) is { } session)
            return session;
        else
            await McpErrors.WriteAsync(context, StatusCodes.Status404NotFound, McpErrors.SessionNotFound, "There is no such session.", request);
        return null;
    }

    private static async ValueTask<JsonRpcMessage?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, Message, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void BeginStream(HttpContext context, McpSession session)
    {
        var headers = context.Response.Headers;
        headers.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache, no-store";
        headers["X-Accel-Buffering"] = "no";
        headers[SessionHeader] = session.Id;
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }
}
