using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>The stored value of <see cref="OpenTurnsActor"/>.</summary>
public sealed class OpenTurnsState
{
    /// <summary>The work of each session, by the session's id.</summary>
    public Dictionary<string, string> WorkBySession { get; set; } = new(StringComparer.Ordinal);
}

/// <inheritdoc cref="IOpenTurnsActor"/>
/// <param name="state">What is registered.</param>
/// <param name="context">The activation.</param>
public sealed class OpenTurnsActor(IActorState<OpenTurnsState> state, IActorContext context) : IOpenTurnsActor
{
    private readonly StateFlush _flush = new(state.SaveAsync, context.Deactivate);

    private Dictionary<string, string> Work => state.Value.WorkBySession;

    /// <inheritdoc/>
    public async ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken)
    {
        // A repeat waits all the same: the first call's write may still be under way.
        Work[sessionId] = workId;
        await _flush.FlushAsync();
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken)
    {
        if (!Work.TryGetValue(sessionId, out var registered) || (workId is not null && workId != registered))
            return;

        Work.Remove(sessionId);
        await _flush.FlushAsync();
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<string>>([.. Work.Keys]);
}
