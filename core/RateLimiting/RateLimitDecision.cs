namespace OrleansChat.Core.RateLimiting;

/// <summary>The answer of one scope.</summary>
public sealed record RateLimitDecision
{
    /// <summary>Whether the request may go on.</summary>
    public required bool Admitted { get; init; }

    /// <summary>The limit that refused, by its name in <see cref="RateLimits"/> in camel case; null when admitted.</summary>
    public string? Limit { get; init; }

    /// <summary>
    /// Time until the same request passes if nobody else comes first: a moment earlier it is refused. Null when admitted, and when it
    /// can never pass (it asks for more than the limit).
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the request still waits in line: it is not admitted yet, its place is kept for a while, and its caller should ask again.</summary>
    public bool Waiting { get; init; }

    /// <summary>What is left after this decision; null unless <see cref="RateLimitRequest.Describe"/> asked for it.</summary>
    public RateLimitStatus? Status { get; init; }
}
