namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// A rate limiter as it is stored. While it runs, the record is coarse and allows for admissions that are not in it; a limiter that finds such a
/// record counts the whole allowance as used. One that ended in order left an exact record and no allowance.
/// </summary>
public sealed class RateLimiterState
{
    /// <summary>Requests of the last minute, as a <c>WindowLog</c>.</summary>
    public byte[]? MinuteRequests { get; set; }

    /// <summary>Tokens of the last minute, as a <c>WindowLog</c>.</summary>
    public byte[]? MinuteTokens { get; set; }

    /// <summary>Requests of the last day, as a <c>WindowLog</c>.</summary>
    public byte[]? DayRequests { get; set; }

    /// <summary>Requests that may have been admitted since the record.</summary>
    public long AllowedRequests { get; set; }

    /// <summary>Tokens that may have been counted since the record.</summary>
    public long AllowedTokens { get; set; }

    /// <summary>Requests that may be under way beside <see cref="Operations"/>.</summary>
    public int AllowedLeases { get; set; }

    /// <summary>The longest that one of them may hold its lease, in ticks from when the record is found.</summary>
    public long LeaseTicks { get; set; }

    /// <summary>The latest theoretical arrival of even spacing: whole ticks.</summary>
    public long PaceTicks { get; set; }

    /// <summary>The latest theoretical arrival of even spacing: parts of a tick.</summary>
    public long PacePart { get; set; }

    /// <summary>The latest theoretical arrival of even spacing: parts in a tick.</summary>
    public int PaceRate { get; set; } = 1;

    /// <summary>The requests under way that are known by name.</summary>
    public List<StoredOperation> Operations { get; set; } = [];

    /// <summary>
    /// Whether <see cref="Operations"/> may have renewed their leases, or have ended, since the record: each then counts for
    /// <see cref="LeaseTicks"/> from when the record is found, or until it is heard of.
    /// </summary>
    public bool OperationsMayGoOn { get; set; }
}

/// <summary>A request under way as it is stored.</summary>
/// <param name="Id">The operation.</param>
/// <param name="AdmittedAt">When it was admitted, in ticks.</param>
/// <param name="Tokens">The tokens that it reserved.</param>
/// <param name="Counted">What it was counted in.</param>
/// <param name="LeaseEnd">When its lease runs out, in ticks.</param>
public sealed record StoredOperation(string Id, long AdmittedAt, long Tokens, CountedIn Counted, long LeaseEnd);
