using System.Runtime.CompilerServices;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>
/// Reads a turn to its last event. An enumeration ends early when the session's activation does; the reader then begins anew after the last
/// event it has, so that its own caller sees every event once.
/// </summary>
internal sealed class TurnReader(TimeProvider clock)
{
    private const int MaxEmptyReads = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The turn's events after a sequence number.</summary>
    public async IAsyncEnumerable<TurnEvent> ReadAsync(
        ISessionActor session, ApiKey caller, string turnId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var emptyReads = 0;
        while (true)
        {
            await foreach (var entry in session.ReadTurnAsync(caller, turnId, after, cancellationToken).WithCancellation(cancellationToken))
            {
                yield return entry;
                if (entry.IsLast)
                    yield break;
                after = entry.Sequence;
                emptyReads = 0;
            }

            // A finished turn whose log gives nothing more, as when its events are no longer kept, will not give more later.
            var turn = await session.GetTurnAsync(caller, turnId, cancellationToken);
            if (turn.Status is not TurnStatus.Processing && (after >= turn.LastSequence || ++emptyReads >= MaxEmptyReads))
                yield break;
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}
