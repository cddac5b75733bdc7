using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>When a session has expired, and when it is to be looked at next.</summary>
internal sealed class SessionLife(SessionStore store, IActorContext context, TimeProvider time)
{
    /// <summary>No deadline is entered further ahead: a session that lives longer is looked at in between, and the calendar stays bounded.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromDays(32);

    /// <summary>Whether its time to live is over. A session with a turn under way never expires.</summary>
    public bool IsExpired => store.Head.Open is null && ExpiresAt is { } end && end <= time.GetUtcNow();

    private ISessionDeadlinesActor Calendar => context.Actors.SessionDeadlines(SessionDeadlineShards.Of(store.Id));

    private DateTimeOffset ExpiresAtOrNever => ExpiresAt ?? DateTimeOffset.MaxValue;

    private DateTimeOffset? ExpiresAt
    {
        get
        {
            var used = store.Head.LastActiveAt > store.Head.LastChangedAt ? store.Head.LastActiveAt : store.Head.LastChangedAt;
            return store.Head.Settings.TtlMinutes is { } minutes ? used.AddMinutes(minutes) : null;
        }
    }

    /// <summary>
    /// Enters the next deadline, durably, unless an earlier one is entered. The head remembers it with its next write; where a crash is
    /// faster, the deadline is entered twice, and the second look finds nothing to do.
    /// </summary>
    public async ValueTask ScheduleAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var dueAt = ExpiresAtOrNever;
        if (await store.Turns.FirstLogEndAsync(store.Head.OldestLog) is { } logEnd && logEnd < dueAt)
            dueAt = logEnd;

        if (dueAt == DateTimeOffset.MaxValue || (store.Head.LookAt is { } entered && entered <= dueAt && entered > now))
            return;

        // Later than now in any case: a session that was looked at just now is not due again at once.
        dueAt = dueAt > now + MaxAhead ? now + MaxAhead : dueAt <= now ? now + SessionSweep.Period : dueAt;
        await Calendar.PutAsync(new SessionDeadline(store.Id, dueAt), cancellationToken);
        store.Head.LookAt = dueAt;
    }

    /// <summary>Enters a deadline for a look at something that failed, durably: a minute from now, unless one before that is entered.</summary>
    public async ValueTask LookSoonAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var dueAt = now + SessionSweep.Period;
        if (store.Head.LookAt is { } entered && entered <= dueAt && entered > now)
            return;

        await Calendar.PutAsync(new SessionDeadline(store.Id, dueAt), cancellationToken);
        store.Head.LookAt = dueAt;
    }

    /// <summary>Takes the session off the calendar.</summary>
    public async ValueTask UnscheduleAsync(CancellationToken cancellationToken)
    {
        if (store.Head.LookAt is { } entered)
            await Calendar.RemoveAsync(new SessionDeadlineList([new SessionDeadline(store.Id, entered)]), cancellationToken);
    }
}
