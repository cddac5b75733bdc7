namespace OrleansChat.Core.Sessions;

/// <summary>Spreads the deadlines of sessions over a fixed number of <see cref="ISessionDeadlinesActor"/>s, in the way of <see cref="OpenTurnShards"/>.</summary>
public static class SessionDeadlineShards
{
    /// <summary>The keys of all shards. They are part of what is stored, so they never change.</summary>
    public static IReadOnlyList<string> All => OpenTurnShards.All;

    /// <summary>The shard that a session's deadlines are in.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>The shard's key.</returns>
    public static string Of(string sessionId) => OpenTurnShards.Of(sessionId);
}
