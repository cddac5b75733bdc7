using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// A shard of the register of work that a dead host may leave behind: the sessions with a turn under way or a deletion half done.
/// A starting host reads all shards and calls <see cref="ISessionActor.RecoverAsync"/> for each session.
/// </summary>
public interface IOpenTurnsActor
{
    /// <summary>Registers a session's work before it begins, in place of any other of that session. A repeat changes nothing.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="workId">The turn's id; for a deletion, the session's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the entry is durable.</returns>
    [Interleaves]
    ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken);

    /// <summary>Removes a session's work after it has ended. Where something else is registered by now, that stays.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="workId">The work that has ended; null for whatever is registered.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the removal is durable.</returns>
    [Interleaves]
    ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken);

    /// <summary>The sessions with registered work.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Their ids.</returns>
    [Interleaves]
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
