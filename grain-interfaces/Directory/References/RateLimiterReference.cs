using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IRateLimiterGrain"/>; acquires that come while one is under way share the next call.</summary>
internal sealed class RateLimiterReference(IRateLimiterGrain grain, AcquireMerge acquires, CallRepetition calls) : IRateLimiterActor
{
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        acquires.AcquireAsync(grain, request, cancellationToken);

    public ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.WaitAsync(call.request, call.patience, token), (request, patience), cancellationToken);

    public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, request, token) => target.PeekAsync(request, token), request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, operationId, token) => target.ConfirmAsync(operationId, token), operationId, cancellationToken);

    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.SettleAsync(call.operationId, call.tokens, token), (operationId, tokens), cancellationToken);

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, operationId, token) => target.ReleaseAsync(operationId, token), operationId, cancellationToken);

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.RenewAsync(call.operationId, call.lease, token), (operationId, lease), cancellationToken);

    public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, limits, token) => target.DescribeAsync(limits, token), limits, cancellationToken);
}
