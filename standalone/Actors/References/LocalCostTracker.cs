using OrleansChat.Core.Costs;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ICostTrackerActor"/> in this process.</summary>
internal sealed class LocalCostTracker(ActorReference<ICostTrackerActor> actor) : ICostTrackerActor
{
    private static readonly ActorMethod Reserve = ActorMethod.Of<ICostTrackerActor>(nameof(ReserveAsync));
    private static readonly ActorMethod Confirm = ActorMethod.Of<ICostTrackerActor>(nameof(ConfirmAsync));
    private static readonly ActorMethod Settle = ActorMethod.Of<ICostTrackerActor>(nameof(SettleAsync));
    private static readonly ActorMethod Release = ActorMethod.Of<ICostTrackerActor>(nameof(ReleaseAsync));
    private static readonly ActorMethod Renew = ActorMethod.Of<ICostTrackerActor>(nameof(RenewAsync));
    private static readonly ActorMethod Describe = ActorMethod.Of<ICostTrackerActor>(nameof(DescribeAsync));
    private static readonly ActorMethod TopUp = ActorMethod.Of<ICostTrackerActor>(nameof(TopUpAsync));
    private static readonly ActorMethod ListTopUps = ActorMethod.Of<ICostTrackerActor>(nameof(ListTopUpsAsync));

    public ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken) =>
        actor.CallAsync(Reserve, static (target, request, token) => target.ReserveAsync(request, token), request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        actor.CallAsync(Confirm,
            static (target, operationId, token) => target.ConfirmAsync(operationId, token),
            operationId,
            cancellationToken);

    public ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken) =>
        actor.CallAsync(Settle,
            static (target, settlement, token) => target.SettleAsync(settlement, token),
            settlement,
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

    public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken) =>
        actor.CallAsync(Describe, static (target, budget, token) => target.DescribeAsync(budget, token), budget, cancellationToken);

    public ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken) =>
        actor.CallAsync(TopUp,
            static (target, call, token) => target.TopUpAsync(call.topUp, call.budget, token),
            (topUp, budget),
            cancellationToken);

    public ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(ListTopUps, static (target, _, token) => target.ListTopUpsAsync(token), true, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        actor.EnumerateAsync(
            static (target, call, token) => target.ReadLedgerAsync(call.from, call.to, token),
            (from, to),
            cancellationToken);
}
