namespace OrleansChat.Core.Sessions;

/// <summary>
/// A shard of the calendar of sessions: when each is to be looked at next, because it may have expired or old turn logs may be dropped.
/// <see cref="SessionSweep"/> reads what is due and calls <see cref="ISessionActor.SweepAsync"/>.
/// </summary>
public interface ISessionDeadlinesActor
{
    /// <summary>Enters a deadline, durably. A repeat changes nothing; a session may have several.</summary>
    /// <param name="deadline">The deadline.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the entry is durable.</returns>
    ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken);

    /// <summary>Deadlines that have come, about in their order.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="limit">How many at most, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The deadlines. They stay entered until they are removed, so that no crash loses one.</returns>
    ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Removes deadlines; unknown ones change nothing.</summary>
    /// <param name="deadlines">The deadlines.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the removal is durable.</returns>
    ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken);
}

/// <summary>When a session is to be looked at.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="DueAt">When, UTC.</param>
public sealed record SessionDeadline(string SessionId, DateTimeOffset DueAt);

/// <summary>Deadlines of several sessions.</summary>
/// <param name="Items">The deadlines.</param>
public sealed record SessionDeadlineList(IReadOnlyList<SessionDeadline> Items);
