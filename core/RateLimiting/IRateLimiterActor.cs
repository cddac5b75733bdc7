using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// The one owner of a scope's limits. Every request carries the limits that hold now, so a change of settings holds from the next request.
/// </summary>
public interface IRateLimiterActor
{
    /// <summary>Admits a request or says exactly when to come back. A repeat of a known operation id returns the first answer.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The decision. A denial consumes nothing.</returns>
    [Interleaves]
    ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Waits in line, first come first served, until the request fits or its patience is over. What is granted is tentative: the caller then asks
    /// all its scopes, this one included, and no other request waits for the outcome. It holds nothing while it waits.
    /// </summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="patience">How long it may wait from its first call on, 0 to <see cref="RateLimitRequest.LongestWait"/>.</param>
    /// <param name="cancellationToken">Gives the place up; nothing is held then.</param>
    /// <returns>
    /// The decision. After a second at the latest it says <see cref="RateLimitDecision.Waiting"/>: whoever asks again within
    /// <see cref="RateLimitRequest.TentativeLease"/> keeps his place.
    /// </returns>
    [Interleaves]
    ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Says what <see cref="AcquireAsync"/> would say now, and consumes nothing.</summary>
    /// <param name="request">What would be asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The decision; an admission in it is no promise.</returns>
    [Interleaves]
    ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken);

    /// <summary>Makes a tentative admission final: every other scope admitted the request too.</summary>
    /// <param name="operationId">The operation that was admitted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the admission still stood; if not, its <see cref="RateLimitRequest.TentativeLease"/> had run out.</returns>
    [Interleaves]
    ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken);

    /// <summary>Corrects the reserved tokens to the real number and ends the lease. An unknown or settled operation changes nothing.</summary>
    /// <param name="operationId">The operation that was admitted.</param>
    /// <param name="tokens">The tokens that were really used, at least 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken);

    /// <summary>Takes an admission back as though it had never been asked for: another scope refused.</summary>
    /// <param name="operationId">The operation that was admitted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken);

    /// <summary>Extends the lease of a running operation.</summary>
    /// <param name="operationId">The operation that was admitted.</param>
    /// <param name="lease">The new length, counted from now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the lease was still held.</returns>
    [Interleaves]
    ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>What is left of the given limits now.</summary>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state of each limit.</returns>
    [Interleaves]
    ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken);
}
