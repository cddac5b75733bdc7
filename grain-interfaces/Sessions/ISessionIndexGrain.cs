using Orleans.Concurrency;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>The sessions of one owner, on the cluster.</summary>
[Alias("orleanschat.session-index")]
public interface ISessionIndexGrain : ISessionIndexActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ISessionIndexActor.PutAsync"/>
    [Alias("put"), AlwaysInterleave]
    new ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionIndexActor.PutTurnsAsync"/>
    [Alias("put-turns"), AlwaysInterleave]
    new ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionIndexActor.RemoveAsync"/>
    [Alias("remove"), AlwaysInterleave]
    new ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionIndexActor.ListAsync"/>
    [Alias("list"), AlwaysInterleave]
    new ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken);
}
