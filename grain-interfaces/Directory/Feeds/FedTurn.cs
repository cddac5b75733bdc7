using System.Threading.Channels;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.GrainInterfaces.Directory.Feeds;

/// <summary>One reader's line of a turn: what a silo has sent and the reader has not taken yet.</summary>
/// <param name="after">The last sequence number that is not wanted.</param>
/// <param name="heard">When the line was opened, as a timestamp of the clock.</param>
internal sealed class FedTurn(long after, long heard)
{
    /// <summary>
    /// Events that may wait for their reader. One that is slower still loses its line, not its place: it begins anew after what it has taken.
    /// </summary>
    public const int MostWaiting = 4_096;

    private readonly Channel<TurnEvent> _events = Channel.CreateUnbounded<TurnEvent>(new UnboundedChannelOptions { SingleReader = false });
    private readonly Lock _gate = new();
    private long _last = after;

    /// <summary>The silo that sends; null until it is known.</summary>
    public string? Origin { get; set; }

    /// <summary>When the line was opened, as a timestamp of the clock.</summary>
    public long Opened => heard;

    /// <summary>The events in their order, each once; it ends early where the silo's part does.</summary>
    public IAsyncEnumerable<TurnEvent> ReadAsync(CancellationToken cancellationToken) => _events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Takes what has come.</summary>
    /// <returns>Whether more is wanted.</returns>
    public bool Offer(TurnFeedPart part)
    {
        // Two silos may send at once: one that lost the session, and the one that has it.
        lock (_gate)
        {
            foreach (var shown in part.Events)
            {
                if (shown.Sequence <= _last)
                    continue;

                if (shown.Sequence != _last + 1 || _events.Reader.Count >= MostWaiting || !_events.Writer.TryWrite(shown))
                {
                    End();
                    return false;
                }

                _last = shown.Sequence;
            }

            if (part.IsEnd)
                End();

            return !part.IsEnd;
        }
    }

    /// <summary>Ends the line after what has come: its reader begins anew.</summary>
    public void End() => _events.Writer.TryComplete();
}
