using Orleans.Concurrency;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GrainInterfaces.RateLimiting;

/// <summary>The rate limiter of a scope, on the cluster.</summary>
[Alias("orleanschat.rate-limiter")]
public interface IRateLimiterGrain : IRateLimiterActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IRateLimiterActor.AcquireAsync"/>
    [Alias("acquire"), AlwaysInterleave]
    new ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.WaitAsync"/>
    [Alias("wait"), AlwaysInterleave]
    new ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.PeekAsync"/>
    [Alias("peek"), AlwaysInterleave]
    new ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.ConfirmAsync"/>
    [Alias("confirm"), AlwaysInterleave]
    new ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.SettleAsync"/>
    [Alias("settle"), AlwaysInterleave]
    new ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.ReleaseAsync"/>
    [Alias("release"), AlwaysInterleave]
    new ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.RenewAsync"/>
    [Alias("renew"), AlwaysInterleave]
    new ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken);

    /// <inheritdoc cref="IRateLimiterActor.DescribeAsync"/>
    [Alias("describe"), AlwaysInterleave]
    new ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken);

    /// <summary>Many acquires in one call, decided in their order. Each is what <see cref="AcquireAsync"/> would have answered.</summary>
    /// <param name="batch">The requests.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The decisions.</returns>
    [Alias("acquire-batch"), AlwaysInterleave]
    ValueTask<AcquireBatchDecisions> AcquireBatchAsync(AcquireBatch batch, CancellationToken cancellationToken);
}
