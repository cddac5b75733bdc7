using OrleansChat.Core.Costs;
using OrleansChat.GrainInterfaces.Costs;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ICostTrackerGrain"/>.</summary>
internal sealed class CostTrackerReference(ICostTrackerGrain grain, CallRepetition calls) : ICostTrackerActor
{
    public ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, request, token) => target.ReserveAsync(request, token), request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, operationId, token) => target.ConfirmAsync(operationId, token), operationId, cancellationToken);

    public ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, settlement, token) => target.SettleAsync(settlement, token), settlement, cancellationToken);

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, operationId, token) => target.ReleaseAsync(operationId, token), operationId, cancellationToken);

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.RenewAsync(call.operationId, call.lease, token), (operationId, lease), cancellationToken);

    public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, budget, token) => target.DescribeAsync(budget, token), budget, cancellationToken);

    public ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.TopUpAsync(call.topUp, call.budget, token), (topUp, budget), cancellationToken);

    public ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListTopUpsAsync(token), true, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        new GrainEnumeration(calls).ReadAsync(
            grain, static (target, call, token) => target.ReadLedgerAsync(call.from, call.to, token), (from, to), cancellationToken);
}
