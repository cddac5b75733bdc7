using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.Grains.Sessions.Feeds;

/// <summary>This silo's feeds, one for each client that reads turns here.</summary>
/// <param name="origin">This silo's name.</param>
/// <param name="time">The silo's clock.</param>
internal sealed class SiloFeeds(string origin, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ITurnFeedObserver, SiloFeed> _feeds = [];

    /// <summary>This silo's name, as the feeds tell it.</summary>
    public string Origin => origin;

    /// <summary>Opens a line to a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="number">The line's number at the client.</param>
    /// <returns>The line; null where it is open, because the call that opened it is repeated.</returns>
    public FeedLine? Open(ITurnFeedObserver client, long number)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(client, out var feed))
            {
                feed = _feeds[client] = new SiloFeed(client, origin, time);

                // Not on the session's scheduler, which called.
                _ = Task.Run(() => feed.RunAsync(() => Close(client, feed)));
            }

            return feed.Open(number);
        }
    }

    private bool Close(ITurnFeedObserver client, SiloFeed feed)
    {
        lock (_gate)
            return feed.IsIdle && _feeds.Remove(client);
    }
}
