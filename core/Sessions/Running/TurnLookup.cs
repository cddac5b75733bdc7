using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>Finds the turns of a session, running and ended alike.</summary>
internal sealed class TurnLookup(SessionStore store, SessionTurns turns)
{
    /// <summary>The turn under way with that id; null when it is not that one.</summary>
    public TurnView? FindOpen(string turnId) =>
        store.Head.Open is { } open && open.TurnId == turnId
            ? TurnViews.Of(store.Id, open, turns.Current is { } current && current.TurnId == turnId ? current.Log.LastSequence : 0)
            : null;

    /// <summary>The record of an ended turn.</summary>
    /// <exception cref="RequestException"><c>not_found</c>.</exception>
    public async ValueTask<TurnRecord> RecordAsync(string turnId) =>
        await store.Turns.Records.FindAsync(turnId) ?? throw RequestException.NotFound("turn", turnId);

    /// <summary>A turn as it stands.</summary>
    /// <exception cref="RequestException"><c>not_found</c>.</exception>
    public async ValueTask<TurnView> GetAsync(string turnId) => FindOpen(turnId) ?? await ViewAsync(await RecordAsync(turnId));

    /// <summary>The turn that a client's own id began; null for none.</summary>
    public async ValueTask<TurnView?> FindByClientIdAsync(string clientTurnId)
    {
        if (store.Head.Open is { } open && open.ClientTurnId == clientTurnId)
            return FindOpen(open.TurnId);

        return await store.Turns.FindByClientIdAsync(clientTurnId) is { } record ? await ViewAsync(record) : null;
    }

    /// <summary>The events of a turn that this activation began, after a sequence number; null for any other turn.</summary>
    public TurnLogReading? ReadCurrent(string turnId, long after) =>
        turns.Current is { } current && current.TurnId == turnId ? current.Log.Read(after) : null;

    /// <summary>The stored events of a turn after a sequence number.</summary>
    /// <exception cref="RequestException"><c>not_found</c> for the turn, or for events that are no longer kept.</exception>
    public async ValueTask<IEnumerable<TurnEvent>> ReadStoredAsync(string turnId, long after)
    {
        var record = await RecordAsync(turnId);
        return store.Turns.IsRetained(record) ? (await store.Turns.ReadLogAsync(turnId)).Unpack(after) : throw LogIsGone(turnId);
    }

    private static RequestException LogIsGone(string turnId) =>
        new(Problem.Of(ProblemCode.NotFound, $"The events of turn '{turnId}' are no longer kept.", "Read the turn itself: its answer is kept."));

    private async ValueTask<TurnView> ViewAsync(TurnRecord record)
    {
        var answer = record.MessageId is { } id ? await store.Messages.Log.FindAsync(id) : null;
        return TurnViews.Of(store.Id, record, answer?.Message);
    }
}
