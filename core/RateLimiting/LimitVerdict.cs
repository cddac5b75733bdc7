namespace OrleansChat.Core.RateLimiting;

/// <summary>Whether a request fits.</summary>
/// <param name="Limit">The limit that keeps it out longest; null when it fits.</param>
/// <param name="PassesAt">When it fits if nobody else comes first, in ticks; <see cref="long.MaxValue"/> for never.</param>
internal readonly record struct LimitVerdict(string? Limit, long PassesAt)
{
    /// <summary>Whether the request fits now.</summary>
    public bool Fits => Limit is null;

    /// <summary>The verdict with one more limit heard.</summary>
    /// <param name="limit">The limit's name.</param>
    /// <param name="passesAt">When it lets the request pass, in ticks.</param>
    /// <returns>The verdict of the limit that takes longest; of equals, the first.</returns>
    public LimitVerdict Or(string limit, long passesAt) => passesAt > PassesAt ? new(limit, passesAt) : this;
}

/// <summary>The names of limits, as settings and answers write them.</summary>
internal static class LimitName
{
    /// <summary><see cref="RateLimits.RequestsPerMinute"/>.</summary>
    public const string RequestsPerMinute = "requestsPerMinute";

    /// <summary><see cref="RateLimits.TokensPerMinute"/>.</summary>
    public const string TokensPerMinute = "tokensPerMinute";

    /// <summary><see cref="RateLimits.RequestsPerDay"/>.</summary>
    public const string RequestsPerDay = "requestsPerDay";

    /// <summary><see cref="RateLimits.MaxConcurrent"/>.</summary>
    public const string Concurrent = "maxConcurrent";

    /// <summary><see cref="RateLimits.MaxTokensPerRequest"/>.</summary>
    public const string TokensPerRequest = "maxTokensPerRequest";

    /// <summary>Whether a limit may let a request pass before the time that its refusal names, because another request ends.</summary>
    /// <param name="limit">The limit's name.</param>
    /// <returns>Whether it may.</returns>
    public static bool MayFreeEarly(string limit) => limit is Concurrent or TokensPerMinute;

    /// <summary>A limit of those that apply, for whoever is kept out by others alone.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>The name of the first that applies.</returns>
    public static string Any(RateLimits limits) =>
        limits.RequestsPerMinute is not null ? RequestsPerMinute
        : limits.TokensPerMinute is not null ? TokensPerMinute
        : limits.RequestsPerDay is not null ? RequestsPerDay
        : Concurrent;
}
