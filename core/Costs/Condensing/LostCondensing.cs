using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs.Condensing;

/// <summary>
/// Finds out what is condensed where the record does not say it though it was: a silo of an older version wrote the record while a cluster was upgraded, and left out what it
/// did not know. The pages of sums and the pages that are gone tell.
/// </summary>
/// <param name="record">The ledger's record.</param>
/// <param name="context">The host.</param>
internal sealed class LostCondensing(BookRecord record, IActorContext context)
{
    /// <summary>Tells the record again, whose next write says so. Nothing is read unless the ledger has pages that are old enough, or known to be gone.</summary>
    /// <param name="now">The time of day.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public async ValueTask RestoreAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Nothing younger than a day is ever condensed.
        if (record.Condensed != CondensedPages.None || record.Index.Spans is not [var first, ..] || (first.First == 0 && first.Earliest > now.AddDays(-1).UtcTicks))
            return;

        record.Condensed = await FindAsync(cancellationToken);
    }

    private async ValueTask<CondensedPages> FindAsync(CancellationToken cancellationToken)
    {
        var found = CondensedPages.None;
        LedgerSums? last = null;
        while (true)
        {
            var state = await context.OpenStateAsync<LedgerSums>(SumPages.NameOf(found.SumPages), cancellationToken);

            // One that was left by a crash tells of less than what is before it.
            if (!state.Exists || state.Value.Pages < last?.LaterPages)
                break;

            last = state.Value;
            found = new CondensedPages(last.LaterPages, last.Pages, found.SumPages + 1, Math.Max(found.Latest, EndOf([.. last.Sums, .. last.Later])));
        }

        if (last is null || await IsGoneAsync(last, cancellationToken))
            return found;

        // While all pages are there they count, and the last sums do not.
        return last.Pages == 0 ? CondensedPages.None : found with { Pages = last.Pages, SumPages = last.Sums.Count == 0 ? found.SumPages - 1 : found.SumPages };
    }

    /// <summary>Whether any of the pages is gone that the last sums stand for: then those count.</summary>
    private async ValueTask<bool> IsGoneAsync(LedgerSums sums, CancellationToken cancellationToken)
    {
        var pages = new StoredPages(record);
        for (var number = sums.Pages; number < sums.LaterPages;)
        {
            if (await pages.FindAsync(number, cancellationToken) is not { } stored)
                return true;

            number = stored.Last + 1;
        }

        return false;
    }

    /// <summary>The end of the latest day: no entry is later.</summary>
    private static long EndOf(List<LedgerEntry> sums) => sums.Max(sum => sum.SettledAt).AddDays(1).UtcTicks;
}
