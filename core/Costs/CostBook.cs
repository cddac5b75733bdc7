using OrleansChat.Core.Actors;
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
    /// <summary>How long an operation is known after its end at least: longer than any caller goes on repeating it.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private static readonly CostDecision Reserved = new(true, null);

    private readonly OperationMemory _over = new(Retention);
    private readonly ChargedEstimates _charged = new();
    private Int128 _reserved;
    private long _unnamed;
    private long _unnamedUntil;

    /// <summary>What was booked.</summary>
    public Spend Spend { get; } = new(calendar);

    /// <summary>The reservations.</summary>
    public LeaseTable<Reservation> Open { get; } = new();

    /// <summary>Entries that are not in a page yet.</summary>
    public List<LedgerEntry> Tail { get; } = [];

    /// <summary>Everything ever reserved, in nano-dollars.</summary>
    public Int128 Granted { get; private set; }

    /// <summary>Settlements above their reservation.</summary>
    public long Excesses { get; private set; }

    /// <summary>The sum by which settlements were above their reservations, in nano-dollars.</summary>
    public long ExcessNanoUsd { get; private set; }

    /// <summary>What was charged at its estimate and can still be corrected, oldest first.</summary>
    public IEnumerable<ChargedEstimate> Charged => _charged.All;

    /// <summary>Recorded reservations that were taken back since the record that tells of them.</summary>
    public List<string> Released { get; } = [];

    /// <summary>Counts the changes of what was booked.</summary>
    public long Version { get; private set; }

    /// <summary>Counts the changes of final reservations.</summary>
    public long OpenVersion { get; private set; }

    /// <summary>What is held back for reservations of an activation that crashed, in nano-dollars.</summary>
    public long UnnamedNanoUsd => _unnamed;

    /// <summary>What is set aside, in nano-dollars.</summary>
    public Int128 ReservedNanoUsd => _reserved + _unnamed;

    /// <inheritdoc/>
    public bool Advance(long now)
    {
        if (_unnamedUntil <= now)
            _unnamed = 0;

        _charged.Advance(now);

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
                _charged.Add(reservation.Id, reservation.NanoUsd, now);
                var at = timeOfDay() - (now - reservation.Deadline);
                Book(new LedgerEntry(
                    reservation.Id, new DateTimeOffset(at, TimeSpan.Zero), reservation.Subject, TokenUsage.Zero with { Estimated = true },
                    reservation.NanoUsd)
                { LeaseExpired = true });
            }
        }

        return vanished;
    }

    /// <summary>Whether an operation holds a reservation or is over, and is not forgotten.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is known.</returns>
    public bool Knows(string operationId) =>
        Open.TryFind(operationId, out _) || _charged.TryFind(operationId, out _) || _over.Knows(operationId);

    /// <inheritdoc/>
    public bool TryDecide(CostReservationRequest request, bool take, long now, out CostDecision verdict, out bool taken)
    {
        taken = false;
        verdict = Reserved;
        if (Knows(request.OperationId))
            return true;

        if (!Fits(request))
        {
            verdict = new CostDecision(false, Describe(request.Budget));
            return Open.Tentative == 0;
        }

        if (take)
        {
            Reserve(request, now);
            taken = true;
        }

        return true;
    }

    /// <inheritdoc/>
    public void TakeBack(CostReservationRequest request) => Release(request.OperationId);

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
        if (_over.Knows(settlement.OperationId))
            return false;

        var at = new DateTimeOffset(timeOfDay(), TimeSpan.Zero);
        var entry = new LedgerEntry(settlement.OperationId, at, settlement.Subject, settlement.Usage, settlement.NanoUsd)
        {
            SavedNanoUsd = settlement.SavedNanoUsd,
        };
        if (_charged.TryFind(settlement.OperationId, out var estimate))
        {
            Book(entry with { NanoUsd = settlement.NanoUsd - estimate });
            _charged.Remove(settlement.OperationId);
            CountExcess(settlement.NanoUsd - estimate);
        }
        else if (Open.TryFind(settlement.OperationId, out var reservation))
        {
            Book(entry);
            Remove(reservation);
            CountExcess(settlement.NanoUsd - reservation.NanoUsd);
        }
        else
        {
            Book(entry);
            _unnamed -= Math.Min(_unnamed, settlement.NanoUsd);
        }

        _over.Remember(settlement.OperationId, now);
        return true;
    }

    /// <summary>Takes a reservation back.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether the record tells of it, so that its end must be told of too.</returns>
    public bool Release(string operationId)
    {
        if (!Open.TryFind(operationId, out var reservation))
            return false;

        Remove(reservation);
        if (!reservation.IsRecorded)
            return false;

        Released.Add(operationId);
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
        Open.Confirm(reservation);
        reservation.LeaseEnd = reservation.Deadline = Math.Max(reservation.Deadline, now + lease.Ticks);
        OpenVersion++;
        return reservation;
    }

    /// <summary>The budget as it stands now.</summary>
    /// <param name="budget">The budget; null for none.</param>
    /// <returns>Its state.</returns>
    public BudgetStatus Describe(Budget? budget)
    {
        var window = budget?.Window ?? BudgetWindow.Total;
        var today = timeOfDay();
        var (first, next) = BudgetCalendar.DaysOf(window, calendar.DayOf(today));
        return new BudgetStatus
        {
            LimitNanoUsd = budget?.LimitNanoUsd,
            SpentNanoUsd = Spend.In(window, today),
            ReservedNanoUsd = (long)Int128.Min(ReservedNanoUsd, long.MaxValue),
            WindowStart = window == BudgetWindow.Total ? null : calendar.StartOf(first),
            WindowEnd = window == BudgetWindow.Total ? null : calendar.StartOf(next),
        };
    }

    /// <summary>Counts reservations of an activation that crashed.</summary>
    /// <param name="nanoUsd">What they may set aside.</param>
    /// <param name="until">When the last of their leases has run out, in ticks.</param>
    public void AssumeUnnamed(long nanoUsd, long until) => (_unnamed, _unnamedUntil) = (nanoUsd, until);

    /// <summary>Fills an empty book from a record.</summary>
    /// <param name="state">The record.</param>
    public void Restore(CostTrackerState state)
    {
        Spend.Restore(state.TotalNanoUsd, state.Days);
        Tail.AddRange(state.Tail);
        Granted = state.GrantedNanoUsd;
        Excesses = state.Excesses;
        ExcessNanoUsd = state.ExcessNanoUsd;
        Released.AddRange(state.Released);
        foreach (var estimate in state.Charged)
            _charged.Restore(estimate);
    }

    /// <summary>Takes up a stored reservation.</summary>
    /// <param name="reservation">The reservation.</param>
    public void Restore(Reservation reservation)
    {
        Open.Add(reservation);
        _reserved += reservation.NanoUsd;
    }

    /// <summary>Learns from an entry which operation is over.</summary>
    /// <param name="entry">The entry; entries come in the order in which they were booked.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Recall(LedgerEntry entry, long now)
    {
        if (entry.LeaseExpired)
        {
            _charged.Add(entry.OperationId, entry.NanoUsd, now);
        }
        else
        {
            _charged.Remove(entry.OperationId);
            _over.Remember(entry.OperationId, now);
        }
    }

    private bool Fits(CostReservationRequest request) =>
        request.NanoUsd == 0
        || request.Budget is not { } budget
        || Math.Max(0, Spend.In(budget.Window, timeOfDay())) + ReservedNanoUsd + request.NanoUsd <= budget.LimitNanoUsd;

    private void Reserve(CostReservationRequest request, long now)
    {
        var leaseEnd = now + request.Lease.Ticks;
        Restore(new Reservation(request.OperationId, now)
        {
            NanoUsd = request.NanoUsd,
            Subject = request.Subject,
            Tentative = request.Tentative,
            LeaseEnd = leaseEnd,
            Deadline = request.Tentative ? Math.Min(leaseEnd, now + Leased.TentativeLease.Ticks) : leaseEnd,
        });
        Granted += request.NanoUsd;
        if (!request.Tentative)
            OpenVersion++;
    }

    private void Remove(Reservation reservation)
    {
        Open.Remove(reservation);
        _reserved -= reservation.NanoUsd;
        if (!reservation.Tentative)
            OpenVersion++;
    }

    private void Book(LedgerEntry entry)
    {
        Spend.Book(entry.NanoUsd, entry.SettledAt.UtcTicks);
        Tail.Add(entry);
        Version++;
    }

    private void CountExcess(long nanoUsd)
    {
        if (nanoUsd <= 0)
            return;

        Excesses++;
        ExcessNanoUsd += nanoUsd;
    }
}
