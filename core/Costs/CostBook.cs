using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Costs;

/// <summary>
/// The decisions of one scope's budget, without I/O. Leases run on a clock that never jumps; entries and windows take the time of day. Every call
/// is made at a moment that is never earlier than the one before, after <see cref="Advance"/> to that moment.
/// </summary>
/// <param name="calendar">Where days begin.</param>
/// <param name="timeOfDay">The time of day in ticks of UTC.</param>
internal sealed class CostBook(BudgetCalendar calendar, Func<long> timeOfDay) : ITentativeScope<CostReservationRequest, CostDecision>
{
    /// <summary>Half of the shortest lease for which money is held back after a crash: what is told of an age may be late by the other half.</summary>
    private static readonly TimeSpan Young = RateLimitRequest.DefaultLease / 2;

    private static readonly CostDecision Reserved = new(true, null);

    /// <summary>What the scope has.</summary>
    public Balance Balance { get; } = new(calendar, timeOfDay);

    /// <summary>The reservations.</summary>
    public LeaseTable<Reservation> Open { get; } = new();

    /// <summary>Entries that are not in a page yet.</summary>
    public List<LedgerEntry> Tail { get; } = [];

    /// <summary>Everything ever reserved, in nano-dollars.</summary>
    public Int128 Granted { get; private set; }

    /// <summary>Settlements above their reservations.</summary>
    public ExcessTally Excess { get; } = new();

    /// <summary>The operations that are over.</summary>
    public EndedOperations Ended { get; } = new();

    /// <summary>Recorded reservations that were taken back since the record that tells of them.</summary>
    public TakenBackReservations TakenBack { get; } = new();

    /// <summary>Counts the changes of what was booked.</summary>
    public long Version { get; private set; }

    /// <summary>Counts the changes of final reservations.</summary>
    public long OpenVersion { get; private set; }

    /// <inheritdoc/>
    public bool Advance(long now)
    {
        Balance.Advance(now);
        Ended.Advance(now);

        var vanished = false;
        while (Open.NextExpired(now) is { } reservation)
        {
            Remove(reservation);
            if (reservation.Tentative)
            {
                vanished = true;
            }
            else
            {
                var at = timeOfDay() - (now - reservation.Deadline);
                Charge(reservation, new DateTimeOffset(at, TimeSpan.Zero), now);
            }
        }

        return vanished;
    }

    /// <summary>Whether an operation holds a reservation or is over, and is not forgotten.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is known.</returns>
    public bool Knows(string operationId) =>
        Open.TryFind(operationId, out _) || Ended.Knows(operationId);

    /// <inheritdoc/>
    public bool TryDecide(CostReservationRequest request, bool take, long now, out CostDecision verdict, out bool taken)
    {
        taken = false;
        verdict = Reserved;
        if (Knows(request.OperationId))
            return true;

        if (!Balance.Fits(Balance.ChargeOf(request, out _), request.Budget))
        {
            verdict = new CostDecision(false, WithExcesses(Balance.Refusal(request, now)));
            return Open.Tentative == 0;
        }

        if (take)
        {
            Take(request, now);
            taken = true;
        }

        return true;
    }

    /// <summary>Makes a reservation that was found to fit at this moment.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Take(CostReservationRequest request, long now)
    {
        var charge = Balance.ChargeOf(request, out var free);
        var leaseEnd = now + request.Lease.Ticks;
        var reservation = new Reservation(request.OperationId, now)
        {
            NanoUsd = charge,
            FreeTokens = free,
            Subject = request.Subject,
            Tentative = request.Tentative,
            LeaseEnd = leaseEnd,
            Deadline = request.Tentative ? Math.Min(leaseEnd, now + Leased.TentativeLease.Ticks) : leaseEnd,
        };
        Restore(reservation);
        Granted += charge;
        if (!request.Tentative)
            OpenVersion++;
    }

    /// <inheritdoc/>
    public long FirstTentativeEnd() => Open.FirstTentativeEnd();

    /// <summary>Makes a tentative reservation final.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it was open.</returns>
    public bool Confirm(string operationId)
    {
        if (!Open.TryFind(operationId, out var reservation))
            return false;

        if (Open.Confirm(reservation))
            OpenVersion++;

        return true;
    }

    /// <summary>
    /// Books the real cost. It is booked in full whatever was reserved; what was charged at the estimate before is corrected by the difference;
    /// what was booked before changes nothing.
    /// </summary>
    /// <param name="settlement">What was used.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether an entry was made.</returns>
    /// <exception cref="OverflowException">The sum would leave 64 bits; nothing is booked.</exception>
    public bool Settle(CostSettlement settlement, long now)
    {
        // What is open is neither over nor charged, and is most of all: it needs no further look.
        if (Open.TryFind(settlement.OperationId, out var reservation))
        {
            var entry = EntryOf(settlement, reservation.FreeTokens);
            Book(entry);
            Remove(reservation);
            Excess.Count(entry.NanoUsd - reservation.NanoUsd);
        }
        else if (Ended.IsSettled(settlement.OperationId))
        {
            return false;
        }
        else if (Ended.ChargeOf(settlement.OperationId) is { } estimate)
        {
            var entry = EntryOf(settlement, estimate.FreeTokens);
            var difference = entry.NanoUsd - estimate.NanoUsd;
            Book(entry with { NanoUsd = difference, FreeTokens = entry.FreeTokens - estimate.FreeTokens, IsCorrection = true });
            Excess.Count(difference);
        }
        else
        {
            var entry = EntryOf(settlement, held: null);
            Book(entry);

            // A reservation that a crash lost. What goes beyond it was never held back for it, but for others.
            Name(Math.Min(entry.NanoUsd, settlement.ReservedNanoUsd ?? entry.NanoUsd), settlement.Age);
        }

        Ended.Settle(settlement.OperationId, now);
        return true;
    }

    /// <summary>Charges a lost call at its estimate, unless its operation is known to be over. A settlement may still correct it.</summary>
    /// <param name="lost">The call and its estimate.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <exception cref="OverflowException">The sum would leave 64 bits; nothing is booked.</exception>
    public void ChargeLost(CostSettlement lost, long now)
    {
        if (Open.TryFind(lost.OperationId, out var reservation))
        {
            Charge(reservation, Balance.Now, now);
            Remove(reservation);
        }
        else if (Ended.MayBeLost(lost.OperationId))
        {
            var entry = EntryOf(lost, held: null) with { Usage = TokenUsage.Zero with { Estimated = true }, FreeNanoUsd = 0, LeaseExpired = true };
            Book(entry);
            Name(entry.NanoUsd, Balance.Now - lost.LostSince);
            Ended.Charge(entry, now);
        }
    }

    /// <summary>Takes a reservation back.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether the record tells of it, so that its end must be told of too.</returns>
    public bool Release(string operationId, long now)
    {
        if (!Open.TryFind(operationId, out var reservation))
            return false;

        Remove(reservation);
        if (!reservation.Tentative)
            Ended.Release(operationId, now);

        if (reservation.RecordedIn is not { } generation)
            return false;

        TakenBack.Add(operationId, generation);
        Version++;
        return true;
    }

    /// <summary>Takes all tentative reservations back.</summary>
    public void DropTentative()
    {
        foreach (var reservation in Open.All.Where(reservation => reservation.Tentative).ToList())
            Remove(reservation);
    }

    /// <summary>Extends a lease.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="lease">Its new length.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The reservation; null when it is not open.</returns>
    public Reservation? Renew(string operationId, TimeSpan lease, long now)
    {
        if (!Open.TryFind(operationId, out var reservation))
            return null;

        // A sign of life proves that every scope admitted it.
        if (Open.Confirm(reservation))
            OpenVersion++;

        Open.Extend(reservation, now + lease.Ticks);
        OpenVersion++;
        return reservation;
    }

    /// <summary>Adds to the budget of the window that it is now.</summary>
    /// <param name="topUp">The addition.</param>
    /// <exception cref="Errors.RequestException">The operation added another amount before, or the sum would leave 64 bits.</exception>
    public void Add(TopUp topUp)
    {
        if (Balance.TopUps.Add(topUp with { At = Balance.Now }))
            Version++;
    }

    /// <summary>Raises the thresholds that the spend has reached.</summary>
    /// <param name="budget">The budget; null for none.</param>
    public void Watch(Budget? budget)
    {
        if (Balance.Watch(budget))
            Version++;
    }

    /// <summary>Everybody has been told of a threshold.</summary>
    /// <param name="raised">The threshold.</param>
    public void Told(RaisedThreshold raised)
    {
        Balance.Thresholds.Told(raised);
        Version++;
    }

    /// <summary>The budget as it stands now.</summary>
    /// <param name="budget">The budget; null for none.</param>
    /// <returns>Its state.</returns>
    public BudgetStatus Describe(Budget? budget) => WithExcesses(Balance.Describe(budget));

    /// <summary>Fills an empty book from a record.</summary>
    /// <param name="state">The record.</param>
    public void Restore(CostTrackerState state)
    {
        Balance.Restore(state);
        Tail.AddRange(state.Tail);
        Granted = state.GrantedNanoUsd;
        Excess.Restore(state);
        TakenBack.Restore(state);
        Ended.Restore(state.Charged);
    }

    /// <summary>Learns how much was reserved at least.</summary>
    /// <param name="granted">Everything that a record of reservations tells of, in nano-dollars; the ledger's may be older.</param>
    public void Restore(Int128 granted) => Granted = Int128.Max(Granted, granted);

    /// <summary>Takes up a stored reservation.</summary>
    /// <param name="reservation">The reservation.</param>
    public void Restore(Reservation reservation)
    {
        Open.Add(reservation);
        Balance.Hold(reservation);
    }

    private LedgerEntry EntryOf(CostSettlement settlement, long? held)
    {
        var free = Balance.FreeFor(settlement, held);
        var charge = FreeUse.ChargeOf(settlement.NanoUsd, settlement.Usage.TotalTokens, free);
        return new LedgerEntry(settlement.OperationId, Balance.Now, settlement.Subject, settlement.Usage, charge)
        {
            SavedNanoUsd = settlement.SavedNanoUsd,
            FreeTokens = free,
            FreeNanoUsd = settlement.NanoUsd - charge,
        };
    }

    private BudgetStatus WithExcesses(BudgetStatus status) => status with { Excesses = Excess.Settlements, ExcessNanoUsd = Excess.NanoUsd };

    /// <summary>
    /// What is held back for the crash before this activation holds those that are young. One that an earlier crash lost has been let go with its lease: what is held back
    /// now is for others, and stays until their leases are over.
    /// </summary>
    private void Name(long nanoUsd, TimeSpan? age)
    {
        if (age >= TimeSpan.Zero && age < Young)
            Balance.Named(nanoUsd);
    }

    private void Remove(Reservation reservation)
    {
        Open.Remove(reservation);
        Balance.LetGo(reservation);
        if (!reservation.Tentative)
            OpenVersion++;
    }

    private void Charge(Reservation reservation, DateTimeOffset at, long now)
    {
        var entry = new LedgerEntry(reservation.Id, at, reservation.Subject, TokenUsage.Zero with { Estimated = true }, reservation.NanoUsd)
        {
            LeaseExpired = true,
            FreeTokens = reservation.FreeTokens,
        };
        Book(entry);
        Ended.Charge(entry, now);
    }

    private void Book(LedgerEntry entry)
    {
        Balance.Book(entry);
        Tail.Add(entry);
        Version++;
    }
}
