using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Condensing;

namespace OrleansChat.Core.Costs;

/// <summary>Reads the end of a ledger, from which an activation learns which operations are over.</summary>
/// <param name="book">The book that learns.</param>
/// <param name="record">The ledger's record.</param>
/// <param name="context">The host.</param>
/// <param name="clock">The activation's clock.</param>
/// <param name="time">The source of time.</param>
internal sealed class LedgerRecall(CostBook book, BookRecord record, IActorContext context, SteadyClock clock, TimeProvider time)
{
    /// <summary>Reads as far back as a caller may still repeat an operation or a reservation may be on record.</summary>
    /// <param name="from">The number of the first entry after the record of reservations.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The operations named by entries from <paramref name="from"/> on.</returns>
    public async ValueTask<HashSet<string>> RunAsync(long from, CancellationToken cancellationToken)
    {
        var over = new HashSet<string>(StringComparer.Ordinal);
        var pages = await ReadAsync(from, cancellationToken);
        var now = clock.Now;
        foreach (var page in pages)
        {
            for (var i = 0; i < page.Entries.Count; i++)
            {
                book.Ended.Recall(page.Entries[i], now);
                if (page.First + i >= from)
                    over.Add(page.Entries[i].OperationId);
            }
        }

        return over;
    }

    /// <summary>The last pages, oldest first, and what is not in a page yet.</summary>
    private async ValueTask<List<LedgerPage>> ReadAsync(long from, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - EndedOperations.Retention;
        var recent = new List<LedgerPage> { new() { First = record.PagedEntries, Entries = [.. book.Tail] } };
        for (var number = record.Pages - 1; number >= record.Condensed.Pages;)
        {
            var page = await record.ReadPageAsync(number, cancellationToken);
            if (number == record.Pages - 1)
            {
                record.Index.Restore(number, page);
                await new LostCondensing(record, context).RestoreAsync(time.GetUtcNow(), cancellationToken);
            }

            recent.Insert(0, page);
            if (page.First < from && page.Entries.TrueForAll(entry => entry.SettledAt < since))
                break;

            number -= page.Merged + 1;
        }

        return recent;
    }
}
