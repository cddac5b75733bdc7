using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// A shard of the register of work that a dead host may leave behind: the sessions with a turn under way or a deletion half done.
/// A starting host reads all shards and calls <see cref="ISessionActor.RecoverAsync"/> for each session.
/// </summary>
public interface IOpenTurnsActor
{
    /// <summary>Registers a piece of work, before it begins. A repeat changes nothing.</summary>
    /// <param name="workId">The turn's id; for a deletion, the session's.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the entry is durable.</returns>
    [Interleaves]
    ValueTask AddAsync(string workId, string sessionId, CancellationToken cancellationToken);

    /// <summary>Removes a piece of work, after it has ended. An unknown one changes nothing.</summary>
    /// <param name="workId">As it was registered.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the removal is durable.</returns>
    [Interleaves]
    ValueTask RemoveAsync(string workId, CancellationToken cancellationToken);

    /// <summary>The sessions with registered work, each once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Their ids.</returns>
    [Interleaves]
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
