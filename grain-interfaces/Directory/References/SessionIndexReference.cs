using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ISessionIndexGrain"/>.</summary>
internal sealed class SessionIndexReference(ISessionIndexGrain grain, CallRepetition calls) : ISessionIndexActor
{
    public ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, line, token) => target.PutAsync(line, token), line, cancellationToken);

    public ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.PutTurnsAsync(call.line, call.turns, token), (line, turns), cancellationToken);

    public ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, sessionId, token) => target.RemoveAsync(sessionId, token), sessionId, cancellationToken);

    public ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.ListAsync(call.limit, call.cursor, call.query, token), (limit, cursor, query), cancellationToken);
}
