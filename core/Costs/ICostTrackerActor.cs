using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs;

/// <summary>The one owner of a scope's budget and ledger. The sum of reservations and settlements never passes the budget.</summary>
public interface ICostTrackerActor
{
    /// <summary>Sets an upper bound of the coming cost aside, or refuses. A repeat of a known operation id returns the first answer.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The decision. A denial sets nothing aside.</returns>
    [Interleaves]
    ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken);

    /// <summary>Makes a tentative reservation final: every other scope admitted the request too.</summary>
    /// <param name="operationId">The operation that was reserved for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the reservation still stood; if not, its tentative lease had run out.</returns>
    [Interleaves]
    ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken);

    /// <summary>Books the real cost as one ledger entry and frees the rest of the reservation. A repeat changes nothing.</summary>
    /// <param name="settlement">What was used.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the entry is durable.</returns>
    [Interleaves]
    ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken);

    /// <summary>Takes a reservation back: nothing was used.</summary>
    /// <param name="operationId">The operation that was reserved for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken);

    /// <summary>Extends the lease of a reservation.</summary>
    /// <param name="operationId">The operation that was reserved for.</param>
    /// <param name="lease">The new length, counted from now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the reservation was still open.</returns>
    [Interleaves]
    ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>The budget as it stands now.</summary>
    /// <param name="budget">The budget that holds now; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its state.</returns>
    [Interleaves]
    ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken);

    /// <summary>Adds to the budget for the window that it is now. A repeat of a known operation id adds nothing.</summary>
    /// <param name="topUp">What is added; its amount lies above 0.</param>
    /// <param name="budget">The budget that holds now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The budget after it, once that is durable.</returns>
    [Interleaves]
    ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken);

    /// <summary>The latest top-ups, at most 1,000.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The top-ups, oldest first.</returns>
    [Interleaves]
    ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken);

    /// <summary>The ledger's entries in the order of their settlement.</summary>
    /// <param name="from">The earliest time of an entry, inclusive.</param>
    /// <param name="to">The latest time of an entry, exclusive.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The entries.</returns>
    IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);
}
