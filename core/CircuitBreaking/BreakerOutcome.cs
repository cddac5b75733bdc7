using OrleansChat.Core.Errors;

namespace OrleansChat.Core.CircuitBreaking;

/// <summary>How a call to an upstream went.</summary>
/// <param name="OperationId">The call.</param>
/// <param name="Failure">How it failed; null for success.</param>
/// <param name="RetryAfter">How long the upstream asked to be left alone; null when it did not say.</param>
/// <param name="Detail">What happened, free of secrets; null for success.</param>
public sealed record BreakerOutcome(string OperationId, UpstreamFailure? Failure, TimeSpan? RetryAfter = null, string? Detail = null)
{
    /// <summary>Whether the caller went away before it was known how the call would go: nobody's failure, but a probe's permit is free again.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Calls that went well before this one and were not worth a report of their own.</summary>
    public int EarlierSuccesses { get; init; }
}

/// <summary>Whether a call may go.</summary>
/// <param name="Allowed">Whether it may.</param>
/// <param name="Probe">Whether it is the one probe.</param>
/// <param name="Snapshot">The state that says so.</param>
public sealed record BreakerPermit(bool Allowed, bool Probe, BreakerSnapshot Snapshot);
