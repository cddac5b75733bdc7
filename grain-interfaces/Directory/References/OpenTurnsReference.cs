using OrleansChat.Core.Sessions;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IOpenTurnsGrain"/>.</summary>
internal sealed class OpenTurnsReference(IOpenTurnsGrain grain, CallRepetition calls) : IOpenTurnsActor
{
    public ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.AddAsync(call.sessionId, call.workId, token), (sessionId, workId), cancellationToken);

    public ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.RemoveAsync(call.sessionId, call.workId, token), (sessionId, workId), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
