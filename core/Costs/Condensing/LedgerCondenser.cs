namespace OrleansChat.Core.Costs.Condensing;

/// <summary>
/// Condenses a ledger's old pages. The order is: sums are durable, the record counts them in place of the pages, the pages are removed. Whoever reads the ledger sees to its end what
/// it was when he began.
/// </summary>
/// <param name="record">The ledger's record.</param>
/// <param name="sums">Where sums are stored.</param>
/// <param name="readers">Those who read.</param>
/// <param name="boundary">Says what is old.</param>
internal sealed class LedgerCondenser(BookRecord record, SumPages sums, LedgerReaders readers, RetentionBoundary boundary)
{
    /// <summary>Pages removed at a time.</summary>
    private const int RemovedAtOnce = 16;

    private readonly StoredPages _pages = new(record);
    private CondensedBatch? _batch;
    private long? _young;

    /// <summary>How many pages may be condensed now.</summary>
    public long Due { get; set; }

    /// <summary>The first page that is neither condensed nor gathered to be.</summary>
    public long End => _batch?.End ?? record.Condensed.Pages;

    /// <summary>Condenses what is due.</summary>
    /// <param name="reservations">The record of reservations.</param>
    /// <returns>A task.</returns>
    public async Task RunAsync(ReservationRecord reservations)
    {
        await RemoveAsync();
        while (await GatherAsync() is { } batch)
        {
            await readers.UnreadAsync();

            // An activation that restored an older record would look for these entries, to learn what of its reservations is over.
            if (!readers.IsStopped && reservations.Entries < batch.EndEntries)
                await reservations.FlushAsync();

            if (readers.IsStopped)
                return;

            await sums.AddAsync(batch);
            _batch = null;
            await RemoveAsync();
        }
    }

    /// <summary>Forgets what is gathered: something of it was not written.</summary>
    public void Forget() => _batch = null;

    /// <summary>Reads the next pages that are old.</summary>
    /// <returns>Pages to be condensed now; null where there are none or more are to come.</returns>
    private async Task<CondensedBatch?> GatherAsync()
    {
        var batch = _batch ??= new CondensedBatch(boundary.Calendar, record.Condensed.Pages);
        while (!readers.IsStopped && Due > 0)
        {
            if (boundary.Find() is not { } moment)
            {
                _batch = null;
                return null;
            }

            if (!MayBeOld(batch.End, moment))
                return batch.IsEmpty ? null : batch;

            // One that is gone, or was merged with what is gathered already: another activation does that.
            if (await _pages.FindAsync(batch.End, CancellationToken.None) is not { } stored || stored.First != batch.End)
                throw record.Outrun();

            var latest = stored.Page.Entries.Max(entry => entry.SettledAt.UtcTicks);
            if (latest >= moment)
            {
                _young = latest;
                return batch.IsEmpty ? null : batch;
            }

            Due -= stored.Count;
            batch.Add(stored);
            if (batch.IsFull)
                return batch;

            // A store may read without a wait, and others have their turn all the same.
            await Task.Yield();
        }

        return null;
    }

    /// <summary>Whether a page need be read to know. The last one never is: it tells of all before it.</summary>
    private bool MayBeOld(long number, long moment)
    {
        if (number >= record.Pages - 1)
            return false;

        if (_young is { } latest)
        {
            if (latest >= moment)
                return false;

            _young = null;
        }

        return record.Index.Spans.First(span => span.Last >= number).Earliest < moment;
    }

    /// <summary>Removes the pages that count no more by the durable record, those too that a crash left.</summary>
    private async Task RemoveAsync()
    {
        var first = record.Condensed.Cleared;
        while (!readers.IsStopped && record.Condensed.Cleared is var from && from < record.DurablyCondensed.Pages)
        {
            await readers.UnreadAsync();
            if (readers.IsStopped)
                return;

            var to = Math.Min(from + RemovedAtOnce, record.DurablyCondensed.Pages);
            await Task.WhenAll(Enumerable.Range(0, (int)(to - from)).Select(i => RemoveAsync(from + i)));
            record.Condensed = record.Condensed with { Cleared = to };
        }

        if (record.Condensed.Cleared != first)
            await record.FlushAsync();
    }

    private async Task RemoveAsync(long number)
    {
        var page = await record.OpenPageAsync(number, CancellationToken.None);
        if (page.Exists)
            await page.ClearAsync(CancellationToken.None);
    }
}
