using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.TurnLogs;

namespace OrleansChat.Core.Sessions;

/// <summary>Which turn a client's own id began; the stored value of <c>clients/{hash}</c>.</summary>
public sealed class ClientTurn
{
    /// <summary>The client's id.</summary>
    public string? ClientTurnId { get; set; }

    /// <summary>The turn.</summary>
    public string? TurnId { get; set; }
}

/// <summary>
/// The turns of a session that have ended: a small record of each for ever, and for a time its events and the client's own id.
/// All is found by key, so nothing here grows with the number of turns.
/// </summary>
internal sealed class TurnArchive(IActorContext context, TimeSpan retention, TimeProvider time, Func<Task> prove)
{
    private const int RecordsPerPage = 32;

    /// <summary>Logs that are looked at when a turn ends: more than one, so that the sweep catches up with any backlog.</summary>
    private const int SweepLength = 3;

    /// <summary>The records.</summary>
    public PagedLog<TurnRecord> Records { get; } = new(
        context, "turns", new PageLimits(RecordsPerPage, long.MaxValue), static record => record.TurnId, static _ => 1, prove);

    /// <summary>Whether a turn's events, and the client's id of it, are still kept.</summary>
    public bool IsRetained(TurnRecord record) => time.GetUtcNow() - record.EndedAt < retention;

    /// <summary>The turn that a client's id began.</summary>
    /// <returns>Its record; null when there is none, or none that is recent enough.</returns>
    public async ValueTask<TurnRecord?> FindByClientIdAsync(string clientTurnId)
    {
        var client = await context.OpenStateAsync<ClientTurn>(ClientState(clientTurnId), CancellationToken.None);
        if (client.Value.TurnId is not { } turnId || client.Value.ClientTurnId != clientTurnId)
            return null;

        return await Records.FindAsync(turnId) is { } record && IsRetained(record) ? record : null;
    }

    /// <summary>The stored events of a turn.</summary>
    public async ValueTask<CompactTurnLog> ReadLogAsync(string turnId) =>
        (await context.OpenStateAsync<CompactTurnLog>(LogState(turnId), CancellationToken.None)).Value;

    /// <summary>Writes an ended turn, durably.</summary>
    /// <returns>The new end of the records, for the owner to set and store.</returns>
    public async ValueTask<PageTail> AppendAsync(TurnRecord record, CompactTurnLog log)
    {
        var writes = new List<Task> { WriteLogAsync(record.TurnId, log) };
        if (record.ClientTurnId is { } clientTurnId)
            writes.Add(WriteClientAsync(clientTurnId, record.TurnId));

        var tail = await Records.AppendAsync([record]);
        await Task.WhenAll(writes);
        return tail;
    }

    /// <summary>Clears the events of turns that ended too long ago: a few at each call.</summary>
    /// <param name="oldest">The oldest turn whose log is kept.</param>
    /// <returns>The new oldest, for the owner to set and store some time: clearing twice changes nothing.</returns>
    public async ValueTask<PagePosition> SweepAsync(PagePosition oldest)
    {
        for (var swept = 0; swept < SweepLength; swept++)
        {
            if (await Records.ReadAsync(oldest) is not { } record || IsRetained(record))
                break;

            await ClearAsync(record);
            oldest = Following(oldest);
        }

        return oldest;
    }

    /// <summary>When the oldest log that is kept is to be dropped.</summary>
    /// <param name="oldest">The oldest turn whose log is kept.</param>
    /// <returns>The time, UTC; null when no log is kept.</returns>
    public async ValueTask<DateTimeOffset?> FirstLogEndAsync(PagePosition oldest) =>
        await Records.ReadAsync(oldest) is { } record ? record.EndedAt + retention : null;

    /// <summary>Removes everything, durably.</summary>
    /// <param name="oldest">The oldest turn whose log is kept.</param>
    public async ValueTask ClearAllAsync(PagePosition oldest)
    {
        for (; await Records.ReadAsync(oldest) is { } record; oldest = Following(oldest))
            await ClearAsync(record);

        await Records.ClearAsync();
    }

    private static PagePosition Following(PagePosition position) =>
        position.Slot + 1 < RecordsPerPage ? position with { Slot = position.Slot + 1 } : new PagePosition(position.Page + 1, 0);

    private static string LogState(string turnId) => $"logs/{turnId}";

    // Hashed: a client's id may hold any character and be of any length.
    private static string ClientState(string clientTurnId) =>
        $"clients/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clientTurnId)).AsSpan(0, 16))}";

    private async Task WriteLogAsync(string turnId, CompactTurnLog log)
    {
        var stored = await context.OpenStateAsync<CompactTurnLog>(LogState(turnId), CancellationToken.None);
        if (stored.Exists)
            await prove();

        stored.Value = log;
        await stored.SaveAsync(CancellationToken.None);
    }

    private async Task WriteClientAsync(string clientTurnId, string turnId)
    {
        var stored = await context.OpenStateAsync<ClientTurn>(ClientState(clientTurnId), CancellationToken.None);
        stored.Value = new ClientTurn { ClientTurnId = clientTurnId, TurnId = turnId };
        await stored.SaveAsync(CancellationToken.None);
    }

    private async Task ClearAsync(TurnRecord record)
    {
        var log = await context.OpenStateAsync<CompactTurnLog>(LogState(record.TurnId), CancellationToken.None);
        await log.ClearAsync(CancellationToken.None);
        if (record.ClientTurnId is not { } clientTurnId)
            return;

        var client = await context.OpenStateAsync<ClientTurn>(ClientState(clientTurnId), CancellationToken.None);
        if (client.Value.TurnId == record.TurnId)
            await client.ClearAsync(CancellationToken.None);
    }
}
