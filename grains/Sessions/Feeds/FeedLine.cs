using System.Diagnostics.CodeAnalysis;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.Grains.Sessions.Feeds;

/// <summary>One reader's line of a turn, at the silo: what is to be sent with the next call.</summary>
/// <param name="feed">The feed of its client.</param>
/// <param name="number">The number that the client gave it.</param>
[SuppressMessage("Design", "CA1001", Justification = "Its token source has neither a timer nor a wait handle, and is cancelled by whoever is first.")]
internal sealed class FeedLine(SiloFeed feed, long number)
{
    private readonly CancellationTokenSource _stop = new();
    private List<TurnEvent> _waiting = [];
    private bool _isEnded;

    /// <summary>The number that the reader's client gave it.</summary>
    public long Number => number;

    /// <summary>Cancelled when nobody reads it any more.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Sends a turn's events until they end, or nobody reads them any more. Never fails.</summary>
    /// <param name="events">The events, read on the session's scheduler.</param>
    /// <returns>A task.</returns>
    public async Task SendAsync(IAsyncEnumerable<TurnEvent> events)
    {
        try
        {
            await foreach (var shown in events)
                feed.Post(this, shown);
        }
        catch (Exception)
        {
            // The line ends early, and its reader asks the session itself, which tells why.
        }
        finally
        {
            feed.End(this);
        }
    }

    /// <summary>Nobody reads it any more.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Adds an event, under the feed's lock.</summary>
    /// <returns>Whether there was none waiting.</returns>
    public bool Add(TurnEvent shown)
    {
        _waiting.Add(shown);
        return _waiting.Count == 1;
    }

    /// <summary>Ends the line, under the feed's lock.</summary>
    /// <returns>Whether there was no event waiting.</returns>
    public bool End()
    {
        _isEnded = true;
        return _waiting.Count == 0;
    }

    /// <summary>Takes what is waiting, under the feed's lock.</summary>
    public TurnFeedPart Take()
    {
        var events = _waiting;
        _waiting = [];
        return new TurnFeedPart(number, events, _isEnded);
    }
}
