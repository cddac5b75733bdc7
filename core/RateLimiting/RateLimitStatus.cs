namespace OrleansChat.Core.RateLimiting;

/// <summary>What is left of a scope's limits; a limit that does not apply is null.</summary>
public sealed record RateLimitStatus
{
    /// <summary>Requests in 60 seconds.</summary>
    public LimitStatus? RequestsPerMinute { get; init; }

    /// <summary>Tokens in 60 seconds.</summary>
    public LimitStatus? TokensPerMinute { get; init; }

    /// <summary>Requests in 24 hours.</summary>
    public LimitStatus? RequestsPerDay { get; init; }

    /// <summary>Requests under way.</summary>
    public ConcurrencyStatus? Concurrent { get; init; }
}

/// <summary>One windowed limit.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Remaining">What may still come now, at least 0.</param>
/// <param name="ResetSeconds">Seconds until all of it is free again if nothing more comes.</param>
public sealed record LimitStatus(long Limit, long Remaining, double ResetSeconds);

/// <summary>The limit of requests under way.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="InUse">Leases held now.</param>
public sealed record ConcurrencyStatus(long Limit, long InUse);
