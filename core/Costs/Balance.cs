using OrleansChat.Core.Costs.Alerts;

namespace OrleansChat.Core.Costs;

/// <summary>
/// What a scope has: what was booked, what is set aside, what was added to its budget, which free tokens were used. It answers whether more
/// fits in, and knows nothing of operations.
/// </summary>
/// <param name="calendar">Where days begin.</param>
/// <param name="timeOfDay">The time of day in ticks of UTC.</param>
internal sealed class Balance(BudgetCalendar calendar, Func<long> timeOfDay)
{
    private Int128 _reserved;
    private Int128 _room;
    private long _unnamedUntil;

    /// <summary>What was booked, in nano-dollars.</summary>
    public Tally Spend { get; } = new(calendar);

    /// <summary>What was used of free tokens.</summary>
    public FreeUse Free { get; } = new(calendar);

    /// <summary>Additions to the budget.</summary>
    public TopUps TopUps { get; } = new(calendar);

    /// <summary>The thresholds that were reached.</summary>
    public Thresholds Thresholds { get; } = new();

    /// <summary>What is held back for reservations of an activation that crashed, in nano-dollars.</summary>
    public long UnnamedNanoUsd => (long)Int128.Clamp(Int128.Min(UntoldNanoUsd, _room), 0, long.MaxValue);

    /// <summary>
    /// What that activation may have reserved in all without putting it on record and is not settled, in nano-dollars: <see cref="UnnamedNanoUsd"/> is as much
    /// of it as there was room for.
    /// </summary>
    public Int128 UntoldNanoUsd { get; private set; }

    /// <summary>Whether all free tokens that are left are held back for such reservations.</summary>
    public bool FreeIsHeldBack { get; private set; }

    /// <summary>What is set aside, in nano-dollars.</summary>
    public Int128 ReservedNanoUsd => _reserved + UnnamedNanoUsd;

    /// <summary>The time of day.</summary>
    public DateTimeOffset Now => new(timeOfDay(), TimeSpan.Zero);

    /// <summary>Lets time pass.</summary>
    /// <param name="now">Now, in ticks of the activation's clock.</param>
    public void Advance(long now)
    {
        if (_unnamedUntil <= now)
            (UntoldNanoUsd, FreeIsHeldBack) = (0, false);
    }

    /// <summary>Sets aside what a reservation holds.</summary>
    /// <param name="reservation">The reservation.</param>
    public void Hold(Reservation reservation)
    {
        _reserved += reservation.NanoUsd;
        Free.Hold(reservation.Subject.Model, reservation.FreeTokens);
    }

    /// <summary>Lets go what a reservation held.</summary>
    /// <param name="reservation">The reservation.</param>
    public void LetGo(Reservation reservation)
    {
        _reserved -= reservation.NanoUsd;
        Free.Hold(reservation.Subject.Model, -reservation.FreeTokens);

        // It may have ended before the crash already, unheard, and its room been given to one that no record tells of.
        if (reservation.IsRestored)
            _room += reservation.NanoUsd;
    }

    /// <summary>Books an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="OverflowException">The sum would leave 64 bits; nothing is booked.</exception>
    public void Book(LedgerEntry entry)
    {
        Spend.Book(entry.NanoUsd, entry.SettledAt.UtcTicks);
        Free.Book(entry.Subject.Model, entry.FreeTokens, entry.SettledAt.UtcTicks);
    }

    /// <summary>Counts reservations of an activation that crashed.</summary>
    /// <param name="untold">What it reserved at most that no record tells of.</param>
    /// <param name="room">What was set aside at most, without what the record tells of.</param>
    /// <param name="free">Whether they may hold free tokens.</param>
    /// <param name="until">When the last of their leases has run out, in ticks of the activation's clock.</param>
    public void HoldBack(Int128 untold, Int128 room, bool free, long until) =>
        (UntoldNanoUsd, _room, FreeIsHeldBack, _unnamedUntil) = (Int128.Max(0, untold), room, free, until);

    /// <summary>One of those reservations was settled.</summary>
    /// <param name="nanoUsd">What of its cost was set aside for it, in nano-dollars.</param>
    /// <remarks>The room stays: it too may have been settled before the crash already, unheard, and its room be another's.</remarks>
    public void Named(long nanoUsd) => UntoldNanoUsd = Int128.Max(0, UntoldNanoUsd - nanoUsd);

    /// <summary>The free tokens that a request can have. What is held back after a crash is nobody's to take until its lease has run out.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Tokens.</returns>
    public long FreeFor(CostReservationRequest request) => FreeIsHeldBack ? 0 : FreeLeftFor(request);

    /// <summary>What of a request's cost is to be set aside, where free tokens cover the rest.</summary>
    /// <param name="request">The request.</param>
    /// <param name="free">The free tokens that it can have.</param>
    /// <returns>Nano-dollars.</returns>
    public long ChargeOf(CostReservationRequest request, out long free)
    {
        free = FreeFor(request);
        return FreeUse.ChargeOf(request.NanoUsd, request.Tokens, free);
    }

    /// <summary>
    /// The free tokens that a settlement uses: those that it held, and further ones as far as nobody holds them. For one that is not known, free
    /// tokens were held back.
    /// </summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="held">What its reservation held; null when it is not known.</param>
    /// <returns>Tokens.</returns>
    public long FreeFor(CostSettlement settlement, long? held)
    {
        if (settlement.NanoUsd == 0)
            return 0;

        var left = settlement.FreeTier is { } tier && !(held is not null && FreeIsHeldBack)
            ? Free.LeftOf(settlement.Subject.Model, tier, timeOfDay())
            : 0;
        return Math.Min(settlement.Usage.TotalTokens, (held ?? 0) + left);
    }

    /// <summary>Whether a charge fits into a budget now. Nothing always does.</summary>
    /// <param name="charge">The charge, in nano-dollars.</param>
    /// <param name="budget">The budget; null for none.</param>
    /// <returns>Whether it does.</returns>
    public bool Fits(long charge, Budget? budget) => Fits(charge, budget, ReservedNanoUsd);

    /// <summary>The budget as it stands when it refuses a request, and when that may pass.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">Now, in ticks of the activation's clock.</param>
    /// <returns>Its state.</returns>
    public BudgetStatus Refusal(CostReservationRequest request, long now)
    {
        var status = Describe(request.Budget);
        var charge = FreeUse.ChargeOf(request.NanoUsd, request.Tokens, FreeLeftFor(request));
        return _unnamedUntil > now && Fits(charge, request.Budget, _reserved)
            ? status with { RetryAt = Now.AddTicks(_unnamedUntil - now) }
            : status with { RetryAt = status.WindowEnd };
    }

    /// <summary>Raises the thresholds that the spend has reached.</summary>
    /// <param name="budget">The budget; null for none.</param>
    /// <returns>Whether any was raised.</returns>
    public bool Watch(Budget? budget)
    {
        if (budget is null)
            return false;

        var now = timeOfDay();
        var first = BudgetCalendar.DaysOf(budget.Window, calendar.DayOf(now)).First;
        return Thresholds.Check(budget, LimitOf(budget, now), Spend.In(budget.Window, now), first, Now);
    }

    /// <summary>The budget as it stands now.</summary>
    /// <param name="budget">The budget; null for none.</param>
    /// <returns>Its state, without excesses.</returns>
    public BudgetStatus Describe(Budget? budget)
    {
        var window = budget?.Window ?? BudgetWindow.Total;
        var today = timeOfDay();
        var (first, next) = BudgetCalendar.DaysOf(window, calendar.DayOf(today));
        return new BudgetStatus
        {
            LimitNanoUsd = budget is null ? null : LimitOf(budget, today),
            ToppedUpNanoUsd = budget is null ? 0 : TopUps.In(window, today),
            SpentNanoUsd = Spend.In(window, today),
            ReservedNanoUsd = (long)Int128.Min(ReservedNanoUsd, long.MaxValue),
            ReachedThresholds = [.. Thresholds.In(window, first)],
            FreeTokens = budget?.FreeTokens is { } free ? [.. free.Select(pair => StatusOf(pair.Key, pair.Value, window, today))] : [],
            WindowStart = window == BudgetWindow.Total ? null : calendar.StartOf(first),
            WindowEnd = window == BudgetWindow.Total ? null : calendar.StartOf(next),
        };
    }

    /// <summary>The bounds of a window that begins with a day.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="firstDay">Its first day.</param>
    /// <returns>Its beginning and its end; null for a total.</returns>
    public (DateTimeOffset? Start, DateTimeOffset? End) BoundsOf(BudgetWindow window, int firstDay) => window == BudgetWindow.Total
        ? (null, null)
        : (calendar.StartOf(firstDay), calendar.StartOf(BudgetCalendar.DaysOf(window, firstDay).Next));

    /// <summary>Fills an empty balance from a record.</summary>
    /// <param name="state">The record.</param>
    public void Restore(CostTrackerState state)
    {
        Spend.Restore(state.TotalNanoUsd, state.Days.Select(day => (day.Day, day.NanoUsd)));
        Free.Restore(state.FreeUse);
        TopUps.Restore(state.TopUps);
        Thresholds.Restore(state.Raised);
    }

    /// <summary>Writes the balance into a record.</summary>
    /// <param name="state">The record.</param>
    public void Store(CostTrackerState state)
    {
        state.TotalNanoUsd = Spend.Total;
        state.Days = [.. Spend.Days.Select(day => new DaySpend(day.Day, day.Sum))];
        state.FreeUse = Free.Store();
        state.TopUps = TopUps.Store();
        state.Raised = [.. Thresholds.Raised];
        state.ReservedNanoUsd = ReservedNanoUsd;
    }

    private long LimitOf(Budget budget, long utcTicks) =>
        (long)Int128.Min((Int128)budget.LimitNanoUsd + TopUps.In(budget.Window, utcTicks), long.MaxValue);

    private bool Fits(long charge, Budget? budget, Int128 reserved)
    {
        if (charge == 0 || budget is null)
            return true;

        var now = timeOfDay();
        return Math.Max(0, Spend.In(budget.Window, now)) + reserved + charge <= LimitOf(budget, now);
    }

    private long FreeLeftFor(CostReservationRequest request) =>
        request.NanoUsd > 0 && request.Budget?.FreeTierOf(request.Subject.Model) is { } tier
            ? Math.Min(request.Tokens, Free.LeftOf(request.Subject.Model, tier, timeOfDay()))
            : 0;

    private FreeTokenStatus StatusOf(string model, long limit, BudgetWindow window, long now)
    {
        var (used, held) = Free.Of(model, window, now);
        return new FreeTokenStatus(model, limit, used, held);
    }
}
