using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>A request for admission to one scope.</summary>
public sealed record RateLimitRequest
{
    /// <summary>The lease of a caller that names none: longer than any shipped upstream timeout.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(2);

    /// <summary>The longest lease that can be asked for.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromDays(1);

    /// <summary>The most tokens that one request can reserve or use: more than any limit.</summary>
    public const long MostTokens = 1_000_000_000_000;

    /// <summary>The longest that a request can wait for its limits.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>How long an admission that is only tentative stands: far longer than asking all other scopes takes.</summary>
    public static readonly TimeSpan TentativeLease = Leased.TentativeLease;

    /// <summary>Names the operation; a repeat changes nothing.</summary>
    public required string OperationId { get; init; }

    /// <summary>The limits that hold now.</summary>
    public required RateLimits Limits { get; init; }

    /// <summary>Tokens to reserve, an upper bound of what the request can use; at least 0.</summary>
    public long Tokens { get; init; }

    /// <summary>How long the request may hold its place among the concurrent ones without a sign of life.</summary>
    public TimeSpan Lease { get; init; } = DefaultLease;

    /// <summary>
    /// Whether another scope may still refuse the request. Such an admission stands for <see cref="TentativeLease"/> and then vanishes as though
    /// it had never been asked for, unless it is confirmed. A request that only tentative admissions keep out waits for their outcome.
    /// </summary>
    public bool Tentative { get; init; }

    /// <summary>Whether the answer tells what is left.</summary>
    public bool Describe { get; init; }
}
