using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Sessions;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary><c>/api/sessions</c>.</summary>
internal static class SessionRoutes
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int MaxCursor = 1_000;
    private const int MaxQuery = 1_000;
    private const int MaxMessages = 1_000;

    /// <summary>Maps the routes.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/sessions").WithTags("Sessions");
        sessions.MapPost("", CreateAsync);
        sessions.MapPost("/import", ImportAsync);
        sessions.MapGet("", ListAsync);
        sessions.MapGet("/{id}", GetAsync);
        sessions.MapPatch("/{id}", UpdateAsync);
        sessions.MapDelete("/{id}", DeleteAsync);
        sessions.MapGet("/{id}/export", ExportAsync);
    }

    private static async Task<Created<SessionView>> CreateAsync(
        Body<CreateSession> body, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        sessions.CheckModel(body.Value.Settings.Model, caller.Key);
        SessionAccess.CheckCollections(body.Value.Settings.Collections, caller.Key);
        var id = sessions.NewId();
        var session = await sessions.Find(id).CreateAsync(caller.Key, body.Value.Settings, cancellationToken);
        return TypedResults.Created($"/api/sessions/{id}", session);
    }

    private static async Task<Created<SessionView>> ImportAsync(
        Body<ImportSession> body, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        sessions.CheckModel(body.Value.Exported.Settings.Model, caller.Key);
        SessionAccess.CheckCollections(body.Value.Exported.Settings.Collections, caller.Key);
        var id = sessions.NewId();
        var session = await sessions.Find(id).ImportAsync(caller.Key, body.Value.Exported, cancellationToken);
        return TypedResults.Created($"/api/sessions/{id}", session);
    }

    private static async Task<Ok<SessionPage>> ListAsync(
        HttpRequest request, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        var limit = (int)(request.Query.Whole("limit", 1, MaxPage) ?? DefaultPage);
        var cursor = request.Query.Text("cursor", MaxCursor);
        var query = request.Query.Text("query", MaxQuery);
        return TypedResults.Ok(await sessions.ListAsync(caller.Key, limit, cursor, query, cancellationToken));
    }

    private static async Task<Ok<SessionView>> GetAsync(
        string id, HttpRequest request, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        var limit = (int?)request.Query.Whole("limit", 1, MaxMessages);
        var before = request.Query.Text("before", SessionRules.MaxId);
        if (limit is not null || before is not null)
            return TypedResults.Ok(await sessions.Find(id).ReadPathAsync(caller.Key, new MessageRange(limit ?? DefaultPage, before), cancellationToken));

        var scope = request.Query.Flag("tree") is true ? SessionScope.Tree : SessionScope.ActivePath;
        return TypedResults.Ok(await sessions.Find(id).DescribeAsync(caller.Key, scope, cancellationToken));
    }

    private static async Task<Ok<SessionView>> UpdateAsync(
        string id, Body<ChangeSession> body, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        sessions.CheckModel(body.Value.Changes.Model, caller.Key);
        SessionAccess.CheckCollections(body.Value.Changes.Collections, caller.Key);
        return TypedResults.Ok(await sessions.Find(id).UpdateAsync(caller.Key, body.Value.Changes, cancellationToken));
    }

    private static async Task<NoContent> DeleteAsync(string id, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        await sessions.Find(id).DeleteAsync(caller.Key, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ExportAsync(
        string id, HttpContext context, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        var format = context.Request.Query.Word("format", "json", "markdown");
        var scope = format == "json" ? SessionScope.Tree : SessionScope.ActivePath;
        var session = await sessions.Find(id).DescribeAsync(caller.Key, scope, cancellationToken);
        var extension = format == "json" ? "json" : "md";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"session-{session.Id}.{extension}\"";
        return format == "json" ? TypedResults.Ok(session) : TypedResults.Text(SessionMarkdown.Write(session), "text/markdown; charset=utf-8");
    }
}
