using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs.Merging;

/// <summary>
/// Merges runs of pages, so that a ledger is few records. The last page of a run takes in the entries of all, in one write: it tells already, as the index has it, what is before it in the
/// run, and tells then that nothing is. From that write on nobody who begins to read looks for the others, which are removed after it, so that a crash leaves either the
/// pages or the merged one and never part of an entry. Each entry is written again once.
/// </summary>
/// <param name="record">The ledger's record.</param>
/// <param name="readers">Those who read.</param>
/// <param name="bounds">Of which times pages are merged.</param>
internal sealed class PageMerger(BookRecord record, LedgerReaders readers, MergeBounds bounds)
{
    /// <summary>Pages that become one: a run of the index.</summary>
    public const int Length = LedgerIndex.Carry * LedgerIndex.Carry;

    /// <summary>Pages removed at a time.</summary>
    private const int RemovedAtOnce = 16;

    private (long Last, long Latest)? _young;

    /// <summary>How many pages may be merged now.</summary>
    public int Due { get; set; }

    /// <summary>Merges what is due.</summary>
    /// <param name="reservations">The record of reservations.</param>
    /// <param name="first">The first page that is neither condensed nor about to be.</param>
    /// <returns>A task.</returns>
    public async Task RunAsync(ReservationRecord reservations, long first)
    {
        while (Due >= Length && !readers.IsStopped && Next(Math.Max(first, record.MergedPages)) is { } run)
        {
            // Not in the steps of whoever added a page.
            await Task.Yield();
            if (!await TryMergeAsync(run, reservations))
                return;

            Due -= Length;
            record.MergedPages = run.Last + 1;
        }
    }

    /// <summary>The next whole run. The ledger's last page is in none, as it tells of all before it.</summary>
    private PageSpan? Next(long first)
    {
        foreach (var span in record.Index.Spans)
        {
            // Pages of a version that told of none before them are read one by one.
            if (span.Last < first || span.Earliest == long.MinValue || span.Count % Length != 0)
                continue;

            var start = span.First + ((Math.Max(0, first - span.First) + Length - 1) / Length * Length);
            if (start + Length - 1 > span.Last)
                continue;

            var run = new PageSpan(start, Length, span.Earliest, span.Latest);
            return run.Last < record.DurablePages - 1 && !IsYoung(run) ? run : null;
        }

        return null;
    }

    private bool IsYoung(PageSpan run) => _young is { } young && young.Last == run.Last && young.Latest > bounds.Latest;

    /// <summary>Merges a run, or its parts where the whole would be too much.</summary>
    /// <returns>Whether it is done with; false where it is too young, or the activation ends.</returns>
    private async Task<bool> TryMergeAsync(PageSpan run, ReservationRecord reservations)
    {
        var last = await record.OpenPageAsync(run.Last, CancellationToken.None);
        if (!last.Exists)
            throw record.Outrun();

        if (last.Value.Merged < run.Count - 1)
        {
            var times = TimesOf(run, last.Value);
            if (times.Latest > bounds.Latest)
            {
                _young = (run.Last, times.Latest);
                return false;
            }

            var merged = times.Latest - times.Earliest <= bounds.Longest ? await GatherAsync(run) : null;
            if (readers.IsStopped)
                return false;

            if (merged is null)
                return await TryMergePartsAsync(run, reservations);

            await WriteAsync(run, last, merged, reservations);
        }

        return await RemoveAsync(run);
    }

    private async Task<bool> TryMergePartsAsync(PageSpan run, ReservationRecord reservations)
    {
        var length = run.Count / LedgerIndex.Carry;
        for (var i = 0; i < LedgerIndex.Carry && length > 1; i++)
        {
            if (!await TryMergeAsync(run with { First = run.First + (i * length), Count = length }, reservations))
                return false;
        }

        return true;
    }

    private static PageSpan TimesOf(PageSpan run, LedgerPage last)
    {
        var own = LedgerIndex.SpanOf(run.Last, last.Entries);
        var parts = LedgerReader.PartsBefore(run, last).Append(own).ToList();
        return run with { Earliest = parts.Min(part => part.Earliest), Latest = parts.Max(part => part.Latest) };
    }

    /// <summary>Reads the entries of a run, as a report does.</summary>
    /// <returns>The entries; null where they are too many for one page.</returns>
    private async Task<MergedEntries?> GatherAsync(PageSpan run)
    {
        var merged = new MergedEntries();
        var reader = new LedgerReader(OpenAsync, long.MinValue, long.MaxValue);
        await foreach (var entry in reader.ReadAsync(run, CancellationToken.None))
        {
            if (readers.IsStopped || !merged.TryAdd(entry))
                return null;
        }

        return merged;

        async ValueTask<LedgerPage> OpenAsync(long number, CancellationToken cancellationToken)
        {
            // A store may read without a wait, and others have their turn all the same.
            await Task.Yield();
            var page = await record.ReadPageAsync(number, cancellationToken);
            merged.Note(page);
            return page;
        }
    }

    private static async Task WriteAsync(PageSpan run, IActorState<LedgerPage> last, MergedEntries merged, ReservationRecord reservations)
    {
        var end = last.Value.First + last.Value.Entries.Count;
        if (merged.First + merged.Entries.Count != end)
            throw new InvalidOperationException($"Pages {run.First} to {run.Last} have {merged.Entries.Count} entries, and should have those from {merged.First} to {end}.");

        // An activation reads back to what its record of reservations knows, and should not have to read what is merged.
        if (reservations.Entries < end)
            await reservations.FlushAsync();

        last.Value = new LedgerPage
        {
            First = merged.First,
            Merged = run.Count - 1,
            Earlier = [.. last.Value.Earlier!.Where(part => part.First < run.First)],
            Entries = merged.Entries,
        };
        await last.SaveAsync(CancellationToken.None);
    }

    /// <summary>Removes the pages of a run but for the last, those too that a crash left.</summary>
    /// <returns>Whether all are gone; false where the activation ends.</returns>
    private async Task<bool> RemoveAsync(PageSpan run)
    {
        // Whoever read the last page as it was goes on to these.
        await readers.UnreadAsync();
        var isProven = false;
        for (var first = run.First; first < run.Last && !readers.IsStopped; first += RemovedAtOnce)
        {
            var count = (int)Math.Min(RemovedAtOnce, run.Last - first);
            var pages = await Task.WhenAll(Enumerable.Range(0, count).Select(i => record.OpenPageAsync(first + i, CancellationToken.None).AsTask()));
            if (!Array.Exists(pages, static page => page.Exists))
                continue;

            // Readers of another activation that owns the ledger by now may go on to them too: then this write of the record is refused.
            if (!isProven)
                await record.FlushAsync();

            isProven = true;
            await Task.WhenAll(pages.Where(static page => page.Exists).Select(static page => page.ClearAsync(CancellationToken.None).AsTask()));
        }

        return !readers.IsStopped;
    }
}
