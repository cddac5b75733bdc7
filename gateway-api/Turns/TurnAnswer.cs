using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Streams;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>Answers with a turn: as its events where the client takes them, otherwise whole, once it is finished.</summary>
internal sealed class TurnAnswer(TurnReader turns, HeartbeatClock heartbeats)
{
    /// <summary>Answers with a turn that was just started, or that a repeated <c>clientTurnId</c> found.</summary>
    /// <exception cref="RequestException">The turn was refused or failed, and nothing of it has been sent.</exception>
    public async Task WriteAsync(HttpContext context, ISessionActor session, ApiKey caller, TurnView turn)
    {
        var events = turns.ReadAsync(session, caller, turn.TurnId, 0, context.RequestAborted);
        if (EventStream.IsWanted(context.Request))
        {
            await using var reader = events.GetAsyncEnumerator(context.RequestAborted);
            await StreamUnlessRefusedAsync(context, reader);
            return;
        }

        await foreach (var entry in events)
        {
            if (entry is TurnFailed failed)
                throw new RequestException(failed.Problem);
        }

        var finished = await session.GetTurnAsync(caller, turn.TurnId, context.RequestAborted);
        await TypedResults.Ok(finished).ExecuteAsync(context);
    }

    /// <summary>Answers with events, whatever they tell.</summary>
    public async Task StreamAsync(HttpContext context, ISessionActor session, ApiKey caller, string turnId, long after)
    {
        await using var reader = turns.ReadAsync(session, caller, turnId, after, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        using var stream = await EventStream.OpenAsync(context, heartbeats);
        await stream.SendAsync(reader, TurnStream.Writer(context.TraceIdentifier));
    }

    // A turn that was refused before it began is a problem with its own status, such as 429, which clients and proxies understand.
    private async Task StreamUnlessRefusedAsync(HttpContext context, IAsyncEnumerator<TurnEvent> reader)
    {
        if (!await reader.MoveNextAsync())
            return;
        if (reader.Current is TurnFailed refused)
            throw new RequestException(refused.Problem);

        var writer = TurnStream.Writer(context.TraceIdentifier);
        using var stream = await EventStream.OpenAsync(context, heartbeats);
        await stream.WriteAsync(reader.Current, writer);
        await stream.SendAsync(reader, writer);
    }
}
