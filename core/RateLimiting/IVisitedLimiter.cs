namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// What a limiter tells a visitor who asks several scopes at once: whether it would admit without any wait, and then, within the same visit, that it
/// is to do so. Whatever is not plain is left to <see cref="IRateLimiterActor.AcquireAsync"/>.
/// </summary>
internal interface IVisitedLimiter
{
    /// <summary>Whether a new request fits, has nobody before it, and is within the durable record. Nothing is counted.</summary>
    /// <param name="request">The request; not tentative.</param>
    /// <param name="isNew">Whether no scope has ever heard of its operation, so that it need not be looked up.</param>
    /// <returns>Whether <see cref="Take"/> may follow.</returns>
    bool MayTake(RateLimitRequest request, bool isNew);

    /// <summary>Admits the request, for good.</summary>
    /// <param name="request">The request that <see cref="MayTake"/> was asked about in this visit.</param>
    /// <returns>What is left, if the request asks for it.</returns>
    RateLimitStatus? Take(RateLimitRequest request);
}
