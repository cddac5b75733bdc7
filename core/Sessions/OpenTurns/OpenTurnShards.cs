namespace OrleansChat.Core.Sessions;

/// <summary>Spreads the register of open turns over a fixed number of <see cref="IOpenTurnsActor"/>s.</summary>
public static class OpenTurnShards
{
    /// <summary>How many there are. It is part of what is stored, so it never changes.</summary>
    public const int Count = 16;

    /// <summary>The keys of all shards.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enumerable.Range(0, Count).Select(Key)];

    /// <summary>The shard that a session's work is registered in.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>The shard's key.</returns>
    public static string Of(string sessionId)
    {
        // FNV-1a (draft-eastlake-fnv): string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        foreach (var character in sessionId)
            hash = unchecked((hash ^ character) * 16777619u);

        return All[(int)(hash % Count)];
    }

    private static string Key(int shard) => $"shard-{shard:00}";
}
