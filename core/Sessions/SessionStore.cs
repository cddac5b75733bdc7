using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Sessions;

/// <summary>Everything durable of one session.</summary>
internal sealed class SessionStore
{
    private readonly IActorState<SessionState> _state;
    private readonly IActorContext _context;
    private readonly StateFlush _flush;

    public SessionStore(IActorState<SessionState> state, IActorContext context, SessionOptions options, TimeProvider time)
    {
        _state = state;
        _context = context;
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);
        Messages = new MessageTree(context, options.MessagesPerPage, FlushAsync);
        Turns = new TurnArchive(context, options.TurnLogRetention, time, FlushAsync);
        Messages.Log.Tail = Head.Messages;
        Turns.Records.Tail = Head.Turns;
    }

    /// <summary>The small part that every turn changes. Changes are made synchronously and then flushed.</summary>
    public SessionState Head => _state.Value;

    /// <summary>The session's id.</summary>
    public string Id => _context.Key;

    /// <summary>The messages.</summary>
    public MessageTree Messages { get; }

    /// <summary>The turns that have ended.</summary>
    public TurnArchive Turns { get; }

    /// <summary>
    /// Completes when all changes of <see cref="Head"/> up to now are durable. It is also the proof that this activation owns the session: another
    /// one writes the head before anything else, and the write of this one is then refused.
    /// </summary>
    public Task FlushAsync()
    {
        Head.Messages = Messages.Log.Tail;
        Head.Turns = Turns.Records.Tail;
        return _flush.FlushAsync();
    }

    /// <summary>Writes an ended turn with what it adds to the tree, then closes it in the head.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="added">The messages that it adds.</param>
    /// <param name="leaf">The new end of the active path.</param>
    /// <param name="log">Its events.</param>
    public async ValueTask EndTurnAsync(TurnRecord turn, IReadOnlyList<StoredMessage> added, string leaf, CompactTurnLog log)
    {
        // Pages first: until the head names them, they count for nothing, so a crash in between loses nothing and shows nothing.
        var archived = Turns.AppendAsync(turn, log).AsTask();
        var messages = await Messages.Log.AppendAsync(added);
        Turns.Records.Tail = await archived;
        Messages.Log.Tail = messages;
        Head.Leaf = leaf;
        Head.Open = null;
        Head.LastChangedAt = turn.EndedAt;
        await FlushAsync();
    }

    /// <summary>
    /// Writes imported messages. The head names their end first and counts as being deleted until all are there, so whatever a crash
    /// leaves is cleared like a deleted session.
    /// </summary>
    /// <param name="messages">The messages, made for an empty log.</param>
    /// <param name="leaf">The newest of the active path.</param>
    public async ValueTask ImportAsync(IReadOnlyList<StoredMessage> messages, string? leaf)
    {
        Head.Deleting = true;
        Messages.Log.Tail = messages.Aggregate(new PageTail(), (tail, stored) => tail.After(Messages.Log.Limits, MessageTree.SizeOf(stored)));
        await FlushAsync();

        Messages.Log.Tail = default;
        Messages.Log.Tail = await Messages.Log.AppendAsync(messages);
        Head.Leaf = leaf;
        Head.Deleting = false;
        await FlushAsync();
    }

    /// <summary>Drops the logs of all turns that ended too long ago. The head names the new oldest with its next write.</summary>
    public async ValueTask DropLogsAsync()
    {
        for (var next = await Turns.SweepAsync(Head.OldestLog); next != Head.OldestLog; next = await Turns.SweepAsync(next))
            Head.OldestLog = next;
    }

    /// <summary>Removes everything, the head last, durably. It can be repeated after a crash.</summary>
    public async ValueTask ClearAsync()
    {
        await Messages.Log.ClearAsync();
        await Turns.ClearAllAsync(Head.OldestLog);
        await SequenceAllowance.ClearAsync(_context);
        await _state.ClearAsync(CancellationToken.None);
    }
}
