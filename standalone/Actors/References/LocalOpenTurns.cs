using OrleansChat.Core.Sessions;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IOpenTurnsActor"/> in this process.</summary>
internal sealed class LocalOpenTurns(ActorReference<IOpenTurnsActor> actor) : IOpenTurnsActor
{
    private static readonly ActorMethod Add = ActorMethod.Of<IOpenTurnsActor>(nameof(AddAsync));
    private static readonly ActorMethod Remove = ActorMethod.Of<IOpenTurnsActor>(nameof(RemoveAsync));
    private static readonly ActorMethod List = ActorMethod.Of<IOpenTurnsActor>(nameof(ListAsync));

    public ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken) =>
        actor.CallAsync(Add,
            static (target, call, token) => target.AddAsync(call.sessionId, call.workId, token),
            (sessionId, workId),
            cancellationToken);

    public ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken) =>
        actor.CallAsync(Remove,
            static (target, call, token) => target.RemoveAsync(call.sessionId, call.workId, token),
            (sessionId, workId),
            cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(List, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
