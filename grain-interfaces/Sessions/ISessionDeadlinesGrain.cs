using OrleansChat.Core.Sessions;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>A shard of the calendar of sessions, on the cluster.</summary>
[Alias("orleanschat.session-deadlines")]
public interface ISessionDeadlinesGrain : ISessionDeadlinesActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ISessionDeadlinesActor.PutAsync"/>
    [Alias("put")]
    new ValueTask PutAsync(SessionDeadline deadline, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionDeadlinesActor.ListDueAsync"/>
    [Alias("list-due")]
    new ValueTask<SessionDeadlineList> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionDeadlinesActor.RemoveAsync"/>
    [Alias("remove")]
    new ValueTask RemoveAsync(SessionDeadlineList deadlines, CancellationToken cancellationToken);
}
