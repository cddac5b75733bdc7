namespace OrleansChat.Core.Costs;

/// <summary>Finds the stored page that holds the entries of a page: that one itself, or a later one into which it was merged.</summary>
/// <param name="record">The ledger's record.</param>
internal sealed class StoredPages(BookRecord record)
{
    /// <summary>Finds a page by the index, run by run, so that a page is never taken for itself that was merged and is not removed yet.</summary>
    /// <param name="number">The page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is stored; null where the page is gone, as pages are that were condensed.</returns>
    public async ValueTask<StoredPage?> FindAsync(long number, CancellationToken cancellationToken)
    {
        IEnumerable<PageSpan> parts = record.Index.Spans;
        while (parts.FirstOrDefault(part => part.Last >= number) is { } span && span.First <= number)
        {
            var stored = await record.OpenPageAsync(span.Last, cancellationToken);
            if (!stored.Exists)
                break;

            var found = new StoredPage(span.Last, stored.Value);
            if (found.First <= number)
                return found;

            parts = LedgerReader.PartsBefore(span, stored.Value);
        }

        return null;
    }
}

/// <summary>A page as it is stored.</summary>
/// <param name="Last">Its number, which is that of the last page that it holds.</param>
/// <param name="Page">The page.</param>
internal sealed record StoredPage(long Last, LedgerPage Page)
{
    /// <summary>The first page that it holds.</summary>
    public long First => Last - Page.Merged;

    /// <summary>How many pages it holds.</summary>
    public long Count => Page.Merged + 1;
}
