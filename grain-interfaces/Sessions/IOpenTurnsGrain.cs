using Orleans.Concurrency;
using OrleansChat.Core.Sessions;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>A shard of the register of open turns, on the cluster.</summary>
[Alias("orleanschat.open-turns")]
public interface IOpenTurnsGrain : IOpenTurnsActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IOpenTurnsActor.AddAsync"/>
    [Alias("add"), AlwaysInterleave]
    new ValueTask AddAsync(string sessionId, string workId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IOpenTurnsActor.RemoveAsync"/>
    [Alias("remove"), AlwaysInterleave]
    new ValueTask RemoveAsync(string sessionId, string? workId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IOpenTurnsActor.ListAsync"/>
    [Alias("list"), AlwaysInterleave]
    new ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}
