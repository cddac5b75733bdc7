using OrleansChat.Core.Sessions;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ISessionDeadlinesActor"/> in this process.</summary>
internal sealed class LocalSessionDeadlines(ActorReference<ISessionDeadlinesActor> actor) : ISessionDeadlinesActor
{
    private static readonly ActorMethod Put = ActorMethod.Of<ISessionDeadlinesActor>(nameof(PutAsync));
    private static readonly ActorMethod ListDue = ActorMethod.Of<ISessionDeadlinesActor>(nameof(ListDueAsync));
    private static readonly ActorMethod Remove = ActorMethod.Of<ISessionDeadlinesActor>(nameof(RemoveAsync));

    public ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken) =>
        actor.CallAsync(Put, static (target, call, token) => target.PutAsync(call, token), deadline, cancellationToken);

    public ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        actor.CallAsync(ListDue, static (target, call, token) => target.ListDueAsync(call.now, call.limit, token), (now, limit), cancellationToken);

    public ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken) =>
        actor.CallAsync(Remove, static (target, call, token) => target.RemoveAsync(call, token), deadlines, cancellationToken);
}
