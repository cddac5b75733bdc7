namespace OrleansChat.Core.Costs;

/// <summary>A request to set money aside in one scope.</summary>
public sealed record CostReservationRequest
{
    /// <summary>Names the operation; a repeat changes nothing.</summary>
    public required string OperationId { get; init; }

    /// <summary>The budget that holds now; null to keep a ledger without a limit.</summary>
    public Budget? Budget { get; init; }

    /// <summary>An upper bound of the cost in nano-dollars, at least 0. Zero passes an empty budget.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>An upper bound of the tokens, input and output, at least 0; it decides how many of them free tokens cover.</summary>
    public long Tokens { get; init; }

    /// <summary>When it runs out unsettled, the reservation is booked at its estimate.</summary>
    public TimeSpan Lease { get; init; } = RateLimiting.RateLimitRequest.DefaultLease;

    /// <summary>
    /// Whether another scope may still refuse the request. Such a reservation stands for <see cref="RateLimiting.RateLimitRequest.TentativeLease"/>
    /// and then vanishes uncharged, unless it is confirmed. A request that only tentative reservations keep out waits for their outcome.
    /// </summary>
    public bool Tentative { get; init; }

    /// <summary>Who and what the money is for, kept for the entry that is booked should the lease run out.</summary>
    public required LedgerSubject Subject { get; init; }
}

/// <summary>The answer of one scope.</summary>
/// <param name="Reserved">Whether the money is set aside.</param>
/// <param name="Refusal">The budget as it stood when it refused; null when reserved.</param>
public sealed record CostDecision(bool Reserved, BudgetStatus? Refusal);
