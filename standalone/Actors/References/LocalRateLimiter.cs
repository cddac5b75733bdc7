using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IRateLimiterActor"/> in this process.</summary>
internal sealed class LocalRateLimiter(ActorReference<IRateLimiterActor> actor) : IRateLimiterActor
{
    private static readonly ActorMethod Acquire = ActorMethod.Of<IRateLimiterActor>(nameof(AcquireAsync));
    private static readonly ActorMethod Wait = ActorMethod.Of<IRateLimiterActor>(nameof(WaitAsync));
    private static readonly ActorMethod Peek = ActorMethod.Of<IRateLimiterActor>(nameof(PeekAsync));
    private static readonly ActorMethod Confirm = ActorMethod.Of<IRateLimiterActor>(nameof(ConfirmAsync));
    private static readonly ActorMethod Settle = ActorMethod.Of<IRateLimiterActor>(nameof(SettleAsync));
    private static readonly ActorMethod Release = ActorMethod.Of<IRateLimiterActor>(nameof(ReleaseAsync));
    private static readonly ActorMethod Renew = ActorMethod.Of<IRateLimiterActor>(nameof(RenewAsync));
    private static readonly ActorMethod Describe = ActorMethod.Of<IRateLimiterActor>(nameof(DescribeAsync));

    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        actor.CallAsync(Acquire, static (target, request, token) => target.AcquireAsync(request, token), request, cancellationToken);

    public ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        actor.CallAsync(Wait,
            static (target, call, token) => target.WaitAsync(call.request, call.patience, token),
            (request, patience),
            cancellationToken);

    public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken) =>
        actor.CallAsync(Peek, static (target, request, token) => target.PeekAsync(request, token), request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        actor.CallAsync(Confirm,
            static (target, operationId, token) => target.ConfirmAsync(operationId, token),
            operationId,
            cancellationToken);

    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken) =>
        actor.CallAsync(Settle,
            static (target, call, token) => target.SettleAsync(call.operationId, call.tokens, token),
            (operationId, tokens),
            cancellationToken);

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) =>
        actor.CallAsync(Release,
            static (target, operationId, token) => target.ReleaseAsync(operationId, token),
            operationId,
            cancellationToken);

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) =>
        actor.CallAsync(Renew,
            static (target, call, token) => target.RenewAsync(call.operationId, call.lease, token),
            (operationId, lease),
            cancellationToken);

    public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) =>
        actor.CallAsync(Describe, static (target, limits, token) => target.DescribeAsync(limits, token), limits, cancellationToken);
}
