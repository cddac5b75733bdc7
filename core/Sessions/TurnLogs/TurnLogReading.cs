using OrleansChat.Core.Actors;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.TurnLogs;

/// <summary>The events of a running turn from a place on.</summary>
/// <param name="log">The turn's log.</param>
/// <param name="after">The last sequence number that is not wanted, from 0.</param>
internal sealed class TurnLogReading(TurnLog log, long after) : IDetachedEnumerable<TurnEvent>
{
    /// <inheritdoc/>
    public IAsyncEnumerator<TurnEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new TurnLogReader(log, after, cancellationToken);
}
