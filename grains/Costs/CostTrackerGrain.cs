using OrleansChat.Core.Costs;
using OrleansChat.GrainInterfaces.Costs;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Costs;

/// <summary>Hosts <see cref="CostTrackerActor"/>.</summary>
[GrainType("cost-tracker"), CollectionAgeLimit(Minutes = 15)]
internal sealed class CostTrackerGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<CostTrackerState>> state)
    : ActorGrain<CostTrackerActor, CostTrackerState>(state), ICostTrackerGrain
{
    public ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken) =>
        Actor.ReserveAsync(request, cancellationToken);

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) =>
        Actor.ConfirmAsync(operationId, cancellationToken);

    public ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken) => Actor.SettleAsync(settlement, cancellationToken);

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) => Actor.ReleaseAsync(operationId, cancellationToken);

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) =>
        Actor.RenewAsync(operationId, lease, cancellationToken);

    public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken) =>
        Actor.DescribeAsync(budget, cancellationToken);

    public ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken) =>
        Actor.TopUpAsync(topUp, budget, cancellationToken);

    public ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken) => Actor.ListTopUpsAsync(cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Actor.ReadLedgerAsync(from, to, cancellationToken);
}
