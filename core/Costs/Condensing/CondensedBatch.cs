namespace OrleansChat.Core.Costs.Condensing;

/// <summary>Pages that are condensed together: they are read one by one, and only their sums stay in memory.</summary>
/// <param name="calendar">Where days begin.</param>
/// <param name="first">The first of the pages.</param>
internal sealed class CondensedBatch(BudgetCalendar calendar, long first)
{
    /// <summary>Pages from which on a batch takes no more.</summary>
    public const int MostPages = 256;

    /// <summary>Where days begin.</summary>
    public BudgetCalendar Calendar => calendar;

    /// <summary>The sums of the pages so far.</summary>
    public DaySums Sums { get; } = new(calendar);

    /// <summary>How many pages there are.</summary>
    public long Pages { get; private set; }

    /// <summary>The page after the last one.</summary>
    public long End => first + Pages;

    /// <summary>Entries in the pages.</summary>
    public long Entries { get; private set; }

    /// <summary>Entries that were booked up to the last one of the pages.</summary>
    public long EndEntries { get; private set; }

    /// <summary>The latest time of an entry, in ticks of UTC.</summary>
    public long Latest { get; private set; } = long.MinValue;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Pages == 0;

    /// <summary>Whether it should take no more.</summary>
    public bool IsFull => Pages >= MostPages || Sums.Count >= SumPages.Most / 2;

    /// <summary>Takes the next page in.</summary>
    /// <param name="stored">The page, or some that were merged.</param>
    public void Add(StoredPage stored)
    {
        var page = stored.Page;
        foreach (var entry in page.Entries)
        {
            Sums.Add(entry);
            Latest = Math.Max(Latest, entry.SettledAt.UtcTicks);
        }

        Entries += page.Entries.Count;
        EndEntries = page.First + page.Entries.Count;
        Pages += stored.Count;
    }
}
