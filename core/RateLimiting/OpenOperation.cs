using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>An admitted request that is under way.</summary>
/// <param name="id">The operation.</param>
/// <param name="admittedAt">When it was admitted, in ticks.</param>
internal sealed class OpenOperation(string id, long admittedAt) : Leased(id, admittedAt)
{
    /// <summary>The tokens that it reserved.</summary>
    public long Tokens { get; init; }

    /// <summary>What it was counted in.</summary>
    public CountedIn Counted { get; init; }

    /// <summary>Whether it had waited for its limits.</summary>
    public bool FromLine { get; init; }
}

/// <summary>The windows in which a request was counted.</summary>
[Flags]
public enum CountedIn
{
    /// <summary>None.</summary>
    Nothing = 0,

    /// <summary>Requests per minute.</summary>
    MinuteRequests = 1,

    /// <summary>Tokens per minute.</summary>
    MinuteTokens = 2,

    /// <summary>Requests per day.</summary>
    DayRequests = 4,

    /// <summary>Even spacing.</summary>
    Pace = 8,
}
