namespace OrleansChat.Core.Costs;

/// <summary>A run of the ledger's pages, and the times of their entries.</summary>
/// <param name="First">The first page.</param>
/// <param name="Count">How many pages.</param>
/// <param name="Earliest">The earliest time of an entry, in ticks of UTC.</param>
/// <param name="Latest">The latest time of an entry, in ticks of UTC.</param>
public sealed record PageSpan(long First, long Count, long Earliest, long Latest)
{
    /// <summary>The run's last page, which tells of the parts of the run before it.</summary>
    internal long Last => First + Count - 1;

    /// <summary>Whether an entry of the run may be in a period.</summary>
    /// <param name="from">The period's beginning, in ticks of UTC.</param>
    /// <param name="to">Its end, exclusive.</param>
    /// <returns>Whether it may.</returns>
    internal bool MayHold(long from, long to) => Latest >= from && Earliest < to;
}
