namespace OrleansChat.Core.RateLimiting;

/// <summary>A request for admission to one scope.</summary>
public sealed record RateLimitRequest
{
    /// <summary>The lease of a caller that names none: longer than any shipped upstream timeout.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(2);

    /// <summary>Names the operation; a repeat changes nothing.</summary>
    public required string OperationId { get; init; }

    /// <summary>The limits that hold now.</summary>
    public required RateLimits Limits { get; init; }

    /// <summary>Tokens to reserve, an upper bound of what the request can use; at least 0.</summary>
    public long Tokens { get; init; }

    /// <summary>How long the request may hold its place among the concurrent ones without a sign of life.</summary>
    public TimeSpan Lease { get; init; } = DefaultLease;
}
