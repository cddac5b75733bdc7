using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Turns;

/// <summary><c>/api/sessions/{id}/turns</c>.</summary>
internal static class TurnRoutes
{
    private const string LastEventId = "Last-Event-ID";

    /// <summary>Maps the routes.</summary>
    public static void MapTurns(this IEndpointRouteBuilder routes)
    {
        var turns = routes.MapGroup("/api/sessions/{id}/turns").WithTags("Turns");
        turns.MapPost("", StartAsync).Produces<TurnView>();
        turns.MapGet("/{turnId}", GetAsync);
        turns.MapGet("/{turnId}/events", EventsAsync);
        turns.MapPost("/{turnId}/cancel", CancelAsync);
        turns.MapPost("/{turnId}/regenerate", RegenerateAsync).Produces<TurnView>();
    }

    private static async Task StartAsync(
        string id, Body<StartTurn> body, HttpContext context, Caller caller, SessionAccess sessions, DrainGate drain, TurnAnswer answer)
    {
        drain.Enter();
        sessions.CheckModel(body.Value.Model, caller.Key);
        var session = sessions.Find(id);
        var turn = await session.StartTurnAsync(caller.Key, body.Value.ToRequest(), context.RequestAborted);
        await answer.WriteAsync(context, session, caller.Key, turn);
    }

    private static async Task RegenerateAsync(
        string id, string turnId, Body<RegenerateTurn> body, HttpContext context, Caller caller, SessionAccess sessions, DrainGate drain, TurnAnswer answer)
    {
        drain.Enter();
        sessions.CheckModel(body.Value.Model, caller.Key);
        var session = sessions.Find(id);
        var turn = await session.RegenerateAsync(caller.Key, CheckTurn(turnId), body.Value.Model, context.RequestAborted);
        await answer.WriteAsync(context, session, caller.Key, turn);
    }

    private static async Task<Ok<TurnView>> GetAsync(
        string id, string turnId, Caller caller, SessionAccess sessions, CancellationToken cancellationToken) =>
        TypedResults.Ok(await sessions.Find(id).GetTurnAsync(caller.Key, CheckTurn(turnId), cancellationToken));

    private static async Task<Accepted<TurnView>> CancelAsync(
        string id, string turnId, Caller caller, SessionAccess sessions, CancellationToken cancellationToken)
    {
        var turn = await sessions.Find(id).CancelTurnAsync(caller.Key, CheckTurn(turnId), cancellationToken);
        return TypedResults.Accepted($"/api/sessions/{id}/turns/{turnId}", turn);
    }

    private static async Task EventsAsync(string id, string turnId, HttpContext context, Caller caller, SessionAccess sessions, TurnAnswer answer)
    {
        var resumed = context.Request.Headers.ContainsKey(LastEventId);
        var after = ReadAfter(context.Request);
        var session = sessions.Find(id);

        // Asked for first, so that an unknown turn is a 404 and not a stream that breaks.
        var turn = await session.GetTurnAsync(caller.Key, CheckTurn(turnId), context.RequestAborted);
        if (resumed && turn.Status is not TurnStatus.Processing && after >= turn.LastSequence)
        {
            // A browser's EventSource comes back for ever unless it is told that nothing will follow.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await answer.StreamAsync(context, session, caller.Key, turn, after);
    }

    private static long ReadAfter(HttpRequest request)
    {
        if (request.Query.Whole("after", 0, long.MaxValue) is { } after)
            return after;
        if (request.Headers[LastEventId] is not [{ Length: > 0 } text])
            return 0;
        return long.TryParse(text, System.Globalization.NumberStyles.None, null, out var id)
            ? id
            : throw RequestException.Invalid(LastEventId, $"'{LastEventId}' must be a sequence number of the turn.");
    }

    private static string CheckTurn(string turnId) =>
        SessionAccess.IsId(turnId) ? turnId : throw RequestException.NotFound("turn", turnId.Length <= SessionRules.MaxId ? turnId : turnId[..SessionRules.MaxId]);
}
