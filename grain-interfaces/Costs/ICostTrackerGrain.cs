using Orleans.Concurrency;
using OrleansChat.Core.Costs;

namespace OrleansChat.GrainInterfaces.Costs;

/// <summary>The cost tracker of a scope, on the cluster.</summary>
[Alias("orleanschat.cost-tracker")]
public interface ICostTrackerGrain : ICostTrackerActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ICostTrackerActor.ReserveAsync"/>
    [Alias("reserve"), AlwaysInterleave]
    new ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.ConfirmAsync"/>
    [Alias("confirm"), AlwaysInterleave]
    new ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.SettleAsync"/>
    [Alias("settle"), AlwaysInterleave]
    new ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.ReleaseAsync"/>
    [Alias("release"), AlwaysInterleave]
    new ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.RenewAsync"/>
    [Alias("renew"), AlwaysInterleave]
    new ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.DescribeAsync"/>
    [Alias("describe"), AlwaysInterleave]
    new ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.TopUpAsync"/>
    [Alias("top-up"), AlwaysInterleave]
    new ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.ListTopUpsAsync"/>
    [Alias("list-top-ups"), AlwaysInterleave]
    new ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ICostTrackerActor.ReadLedgerAsync"/>
    [Alias("read-ledger")]
    new IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);
}
