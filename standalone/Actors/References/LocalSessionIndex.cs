using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ISessionIndexActor"/> in this process.</summary>
internal sealed class LocalSessionIndex(ActorReference<ISessionIndexActor> actor) : ISessionIndexActor
{
    private static readonly ActorMethod Put = ActorMethod.Of<ISessionIndexActor>(nameof(PutAsync));
    private static readonly ActorMethod PutTurns = ActorMethod.Of<ISessionIndexActor>(nameof(PutTurnsAsync));
    private static readonly ActorMethod Remove = ActorMethod.Of<ISessionIndexActor>(nameof(RemoveAsync));
    private static readonly ActorMethod List = ActorMethod.Of<ISessionIndexActor>(nameof(ListAsync));

    public ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken) =>
        actor.CallAsync(Put, static (target, line, token) => target.PutAsync(line, token), line, cancellationToken);

    public ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken) =>
        actor.CallAsync(PutTurns,
            static (target, call, token) => target.PutTurnsAsync(call.line, call.turns, token),
            (line, turns),
            cancellationToken);

    public ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken) =>
        actor.CallAsync(Remove, static (target, sessionId, token) => target.RemoveAsync(sessionId, token), sessionId, cancellationToken);

    public ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken) =>
        actor.CallAsync(List,
            static (target, call, token) => target.ListAsync(call.limit, call.cursor, call.query, token),
            (limit, cursor, query),
            cancellationToken);
}
