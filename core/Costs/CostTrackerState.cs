using System.Text.Json.Serialization;

namespace OrleansChat.Core.Costs;

/// <summary>
/// A budget's book as it is stored: balance and newest entries change in one write, so their sums always agree. Older entries are in pages
/// <c>ledger/0</c> to <c>ledger/{Pages - 1}</c>; a page is written before the entries leave this record, and does not count until then. The last page of
/// a run takes in the entries of all of it later, and the others are gone. What is older than the retention is in sums of days, and its pages are gone.
/// </summary>
public sealed class CostTrackerState
{
    /// <summary>The sum of all entries, in nano-dollars.</summary>
    public long TotalNanoUsd { get; set; }

    /// <summary>The sums of the latest days that had entries, oldest first.</summary>
    public List<DaySpend> Days { get; set; } = [];

    /// <summary>The pages that count.</summary>
    public long Pages { get; set; }

    /// <summary>Entries in those pages.</summary>
    public long PagedEntries { get; set; }

    /// <summary>Pages before this one are merged as far as they ever are; less where a crash came between, or an older version wrote the record.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long MergedPages { get; set; }

    /// <summary>What of those pages is condensed; null for nothing.</summary>
    public CondensedPages? Condensed { get; set; }

    /// <summary>The newest entries, in the order in which they were booked.</summary>
    public List<LedgerEntry> Tail { get; set; } = [];

    /// <summary>
    /// Everything that may ever have been reserved, in nano-dollars: what was, and an allowance for what comes after the record.
    /// </summary>
    public Int128 GrantedNanoUsd { get; set; }

    /// <summary>The part of <see cref="GrantedNanoUsd"/> that is an allowance.</summary>
    public long AllowedNanoUsd { get; set; }

    /// <summary>What was set aside, in nano-dollars.</summary>
    public Int128 ReservedNanoUsd { get; set; }

    /// <summary>Recorded reservations that were taken back since the record that tells of them.</summary>
    public List<TakenBack> TakenBack { get; set; } = [];

    /// <summary>The same as an older version told of them; null otherwise.</summary>
    public List<string>? Released { get; set; }

    /// <summary>What was charged at its estimate and can still be corrected by a late settlement, oldest first.</summary>
    public List<ChargedEstimate> Charged { get; set; } = [];

    /// <summary>Settlements above their reservation.</summary>
    public long Excesses { get; set; }

    /// <summary>The sum by which settlements were above their reservations, in nano-dollars.</summary>
    public long ExcessNanoUsd { get; set; }

    /// <summary>What was used of free tokens.</summary>
    public List<StoredFreeUse> FreeUse { get; set; } = [];

    /// <summary>Additions to the budget; null for none.</summary>
    public StoredTopUps? TopUps { get; set; }

    /// <summary>The thresholds that were reached.</summary>
    public List<Alerts.RaisedThreshold> Raised { get; set; } = [];

    /// <summary>The budget that held last; null for none.</summary>
    public Budget? Budget { get; set; }

    /// <summary>Whether reservations may have been made that no record tells of: false in the last record of an activation that ended in order.</summary>
    public bool IsOpen { get; set; }
}

/// <summary>The pages of a ledger that sums of days stand for. Those sums are in pages <c>ledger/sums/0</c> to <c>ledger/sums/{SumPages - 1}</c>.</summary>
/// <param name="Pages">The first page whose entries count; those before it are in the sums.</param>
/// <param name="Cleared">The first page that may still be stored.</param>
/// <param name="SumPages">Pages of sums.</param>
/// <param name="Latest">The latest time of an entry that is in the sums, in ticks of UTC.</param>
public sealed record CondensedPages(long Pages, long Cleared, long SumPages, long Latest)
{
    /// <summary>Nothing is condensed.</summary>
    internal static readonly CondensedPages None = new(0, 0, 0, long.MinValue);
}

/// <summary>A recorded reservation that was taken back. The operation may have been made again since, which a later record tells of.</summary>
/// <param name="Id">The operation.</param>
/// <param name="Generation">The latest record of reservations that still tells of it.</param>
public sealed record TakenBack(string Id, long Generation);

/// <summary>What was booked on a day.</summary>
/// <param name="Day">The day, as <see cref="DateOnly.DayNumber"/> in the time zone of budgets.</param>
/// <param name="NanoUsd">Nano-dollars.</param>
public sealed record DaySpend(int Day, long NanoUsd);

/// <summary>A reservation that was charged at its estimate when its lease ran out.</summary>
/// <param name="Id">The operation.</param>
/// <param name="NanoUsd">The estimate, in nano-dollars.</param>
/// <param name="Until">Until when a late settlement corrects it, in ticks of UTC.</param>
public sealed record ChargedEstimate(string Id, long NanoUsd, long Until)
{
    /// <summary>The free tokens that it counted as used.</summary>
    public long FreeTokens { get; init; }
}

/// <summary>A full page of the ledger, or some that were merged: the last of them then holds the entries of all.</summary>
public sealed class LedgerPage
{
    /// <summary>Entries booked before its first.</summary>
    public long First { get; set; }

    /// <summary>How many of the pages before this one are merged into it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Merged { get; set; }

    /// <summary>The runs of pages that cover all before this one, and before those that are merged into it, in order; null in a page of an older version.</summary>
    public List<PageSpan>? Earlier { get; set; }

    /// <summary>Its entries, in the order in which they were booked.</summary>
    public List<LedgerEntry> Entries { get; set; } = [];
}

/// <summary>
/// A page of sums that stand for entries of condensed pages. The last one is written again when more is condensed: then it holds what counts
/// already and what is to count beside each other, and the ledger's record says how far it counts.
/// </summary>
public sealed class LedgerSums
{
    /// <summary>The runs of pages of sums that cover all before this one, in order.</summary>
    public List<PageSpan> Earlier { get; set; } = [];

    /// <summary>The ledger's pages before this one are in <see cref="Sums"/> or in an earlier page.</summary>
    public long Pages { get; set; }

    /// <summary>Sums that count wherever this page does.</summary>
    public List<LedgerEntry> Sums { get; set; } = [];

    /// <summary>The ledger's pages from <see cref="Pages"/> to before this one are in <see cref="Later"/>.</summary>
    public long LaterPages { get; set; }

    /// <summary>Sums that count once the record says that pages before <see cref="LaterPages"/> are condensed.</summary>
    public List<LedgerEntry> Later { get; set; } = [];
}
