namespace OrleansChat.GrainInterfaces.Sessions.Feeds;

/// <summary>
/// What a client of the cluster has silos send it: the events of all the turns that it reads, each silo's in one call after the other. A call per
/// turn and batch would cost more than the tokens in it.
/// </summary>
[Alias("orleanschat.turn-feed")]
public interface ITurnFeedObserver : IGrainObserver
{
    /// <summary>Takes what has come since the last call of the same silo. Also called without events, once a second, as a sign of life.</summary>
    /// <param name="batch">The events.</param>
    /// <returns>The numbers of the lines that nobody reads any more.</returns>
    [Alias("deliver")]
    ValueTask<long[]> DeliverAsync(TurnFeedBatch batch);
}
