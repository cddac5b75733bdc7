namespace OrleansChat.Core.CircuitBreaking;

/// <summary>A breaker at one moment.</summary>
public sealed record BreakerSnapshot
{
    /// <summary>The upstream's id.</summary>
    public required string Upstream { get; init; }

    /// <summary>The state.</summary>
    public required BreakerState State { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>When it opened; null while closed.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When a probe may go, or a cooldown ends; null while closed, and when tripped by hand.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>What opened it; null while closed.</summary>
    public string? Cause { get; init; }

    /// <summary>Who tripped it, for admins' eyes alone; null where nobody did.</summary>
    public string? By { get; init; }

    /// <summary>Counts the changes of this breaker, so that an older snapshot never replaces a newer one.</summary>
    public long Version { get; init; }
}

/// <summary>The states of a breaker.</summary>
public enum BreakerState
{
    /// <summary>Calls pass.</summary>
    Closed,

    /// <summary>Calls are refused.</summary>
    Open,

    /// <summary>One probe is under way or may go.</summary>
    HalfOpen,
}
