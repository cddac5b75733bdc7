using OrleansChat.Core.Sessions;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ISessionDeadlinesGrain"/>.</summary>
internal sealed class SessionDeadlinesReference(ISessionDeadlinesGrain grain, CallRepetition calls) : ISessionDeadlinesActor
{
    public ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.PutAsync(call, token), deadline, cancellationToken);

    public ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.ListDueAsync(call.now, call.limit, token), (now, limit), cancellationToken);

    public ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.RemoveAsync(call, token), deadlines, cancellationToken);
}
