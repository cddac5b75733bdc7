namespace OrleansChat.Core.Costs;

/// <summary>
/// A budget's book as it is stored: balance and newest entries change in one write, so their sums always agree. Older entries are in pages
/// <c>ledger/0</c> to <c>ledger/{Pages - 1}</c>; a page is written before the entries leave this record, and does not count until then.
/// </summary>
public sealed class CostTrackerState
{
    /// <summary>The sum of all entries, in nano-dollars.</summary>
    public long TotalNanoUsd { get; set; }

    /// <summary>The sums of the latest days that had entries, oldest first.</summary>
    public List<DaySpend> Days { get; set; } = [];

    /// <summary>The pages that count.</summary>
    public long Pages { get; set; }

    /// <summary>The newest entries, in the order in which they were booked.</summary>
    public List<LedgerEntry> Tail { get; set; } = [];

    /// <summary>The reservations known to be open.</summary>
    public List<StoredReservation> Open { get; set; } = [];

    /// <summary>What may have been reserved beside <see cref="Open"/> since the record, in nano-dollars.</summary>
    public long AllowedNanoUsd { get; set; }

    /// <summary>The longest that one of those reservations may last, in ticks from when the record is found.</summary>
    public long LeaseTicks { get; set; }

    /// <summary>Settlements above their reservation.</summary>
    public long Excesses { get; set; }

    /// <summary>The sum by which settlements were above their reservations, in nano-dollars.</summary>
    public long ExcessNanoUsd { get; set; }
}

/// <summary>What was booked on a day.</summary>
/// <param name="Day">The day, as <see cref="DateOnly.DayNumber"/> in the time zone of budgets.</param>
/// <param name="NanoUsd">Nano-dollars.</param>
public sealed record DaySpend(int Day, long NanoUsd);

/// <summary>An open reservation as it is stored.</summary>
/// <param name="Id">The operation.</param>
/// <param name="Since">When it was made, in ticks of UTC.</param>
/// <param name="NanoUsd">What it sets aside, in nano-dollars.</param>
/// <param name="LeaseEnd">When its lease runs out, in ticks of UTC.</param>
/// <param name="Subject">Who and what it is for.</param>
public sealed record StoredReservation(string Id, long Since, long NanoUsd, long LeaseEnd, LedgerSubject Subject);

/// <summary>A full page of the ledger.</summary>
public sealed class LedgerPage
{
    /// <summary>Its entries, in the order in which they were booked.</summary>
    public List<LedgerEntry> Entries { get; set; } = [];
}
