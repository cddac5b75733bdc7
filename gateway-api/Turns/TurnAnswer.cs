using System.Buffers;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Streams;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>Answers with a turn: as its events where the client takes them, otherwise whole, once it is finished.</summary>
internal sealed class TurnAnswer(TurnReader turns, HeartbeatClock heartbeats, OrleansChatOptions options)
{
    /// <summary>Answers with a turn that was just started, or that a repeated <c>clientTurnId</c> found.</summary>
    /// <exception cref="RequestException">The turn failed; to a client that waits for the whole, its problem is the answer.</exception>
    public async Task WriteAsync(HttpContext context, ISessionActor session, ApiKey caller, TurnView turn)
    {
        RequestWork.Of(context)?.LeaveTurn();
        TurnHeader.Set(context, turn.TurnId);
        if (EventStream.IsWanted(context.Request))
        {
            await StreamAsync(context, session, caller, turn, 0);
            return;
        }

        await foreach (var entry in turns.ReadAsync(session, caller, turn.TurnId, 0, context.RequestAborted))
        {
            if (entry is TurnFailed failed)
                throw new RequestException(failed.Problem);
        }

        var finished = await session.GetTurnAsync(caller, turn.TurnId, context.RequestAborted);
        FallbackHeader.Add(context, finished.Fallbacks);
        await TypedResults.Ok(finished).ExecuteAsync(context);
    }

    /// <summary>Answers with events, whatever they tell.</summary>
    /// <exception cref="RequestException"><c>not_found</c>: the turn is over, and its events are no longer kept.</exception>
    public async Task StreamAsync(HttpContext context, ISessionActor session, ApiKey caller, TurnView turn, long after)
    {
        RequestWork.Of(context)?.Leave();
        var turnId = turn.TurnId;
        await using var reader = turns.ReadAsync(session, caller, turnId, after, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);

        // Events of a turn that is over are there at once or gone for good, and then that is the answer, not a stream that breaks.
        var isFirstRead = turn.Status is not TurnStatus.Processing && await reader.MoveNextAsync();
        using var stream = await EventStream.OpenAsync(context, heartbeats, options.Gateway.Sockets.SendTimeout);
        var write = TurnStream.Writer(context.TraceIdentifier);
        var last = after;
        try
        {
            if (isFirstRead)
                await stream.WriteAsync(reader.Current, WriteNext);
            await stream.SendAsync(reader, WriteNext);
        }
        catch (SlowReaderException)
        {
            // As on a socket: a client that reads on at all is told where to resume, and any other only sees its connection end.
            if (!await stream.IsReadAfterAllAsync(output => TurnStream.WriteGoingAway(output, turnId, last)))
                context.Abort();
        }

        void WriteNext(IBufferWriter<byte> output, TurnEvent entry)
        {
            write(output, entry);
            last = entry.Sequence;
        }
    }
}
