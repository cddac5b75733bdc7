using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GrainInterfaces.RateLimiting;

/// <summary>Requests of one process for the limits of one scope, asked for in one call and answered one by one.</summary>
/// <param name="Requests">The requests, in the order in which they came.</param>
public sealed record AcquireBatch(IReadOnlyList<RateLimitRequest> Requests);

/// <summary>The answers to an <see cref="AcquireBatch"/>.</summary>
/// <param name="Decisions">
/// A decision for each request, in their order; null for one that is not decided yet and is to be asked again: nobody waits for it meanwhile.
/// </param>
public sealed record AcquireBatchDecisions(IReadOnlyList<RateLimitDecision?> Decisions);
