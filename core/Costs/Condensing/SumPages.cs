using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs.Condensing;

/// <summary>
/// The sums that stand for condensed pages, as they are stored. They are durable before the record counts them, and the pages that they stand for count until then:
/// a crash at any write leaves one of the two, never both and never neither.
/// </summary>
/// <param name="record">The ledger's record.</param>
/// <param name="context">The host.</param>
internal sealed class SumPages(BookRecord record, IActorContext context)
{
    /// <summary>Sums in a page at most: its 1.2 MB are within what a store takes, and are read and written at once.</summary>
    public const int Most = 4_096;

    /// <summary>The name of a page's state.</summary>
    /// <param name="number">The page.</param>
    /// <returns>The name.</returns>
    public static string NameOf(long number) => $"ledger/sums/{number}";

    /// <summary>Lets sums count in place of pages, once both are durable.</summary>
    /// <param name="batch">The pages, which follow those that are condensed, and their sums.</param>
    /// <returns>A task.</returns>
    public async ValueTask AddAsync(CondensedBatch batch)
    {
        var condensed = record.Condensed;
        var added = batch.Sums.ToList();
        var (last, state) = (condensed.SumPages - 1, (IActorState<LedgerSums>?)null);
        if (last >= 0)
        {
            state = await OpenAsync(last, CancellationToken.None);
            var counted = Counted(state.Value, condensed.Pages);

            // Written again only where that is no more than what is condensed.
            if (counted.Count > batch.Entries || counted.Count + added.Count > Most)
            {
                var index = new LedgerIndex();
                index.Restore(last, PageOf(state.Value, condensed.Pages));
                state = await BeginAsync(++last, index.Spans, condensed.Pages);
            }
            else
            {
                await ProveAsync(state.Value.LaterPages > condensed.Pages);
                var together = new DaySums(batch.Calendar);
                counted.ForEach(together.Add);
                state.Value = new LedgerSums { Earlier = state.Value.Earlier, Pages = condensed.Pages, Sums = together.ToList() };
            }
        }
        else
        {
            state = await BeginAsync(++last, [], condensed.Pages);
        }

        (state.Value.LaterPages, state.Value.Later) = (batch.End, added);
        await state.SaveAsync(CancellationToken.None);
        record.Condensed = condensed with { Pages = batch.End, SumPages = last + 1, Latest = Math.Max(condensed.Latest, batch.Latest) };
        await record.FlushAsync();
    }

    /// <summary>Reads a page as far as it counts.</summary>
    /// <param name="number">The page.</param>
    /// <param name="pages">The ledger's pages that are condensed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its sums, and the runs of pages before it.</returns>
    /// <exception cref="Errors.StorageException">Another activation owns the ledger and has written it since; this one ends.</exception>
    public async ValueTask<LedgerPage> ReadAsync(long number, long pages, CancellationToken cancellationToken)
    {
        var stored = await OpenAsync(number, cancellationToken);
        return stored.Exists ? PageOf(stored.Value, pages) : throw record.Outrun();
    }

    private async ValueTask<IActorState<LedgerSums>> BeginAsync(long number, IReadOnlyList<PageSpan> earlier, long pages)
    {
        var state = await OpenAsync(number, CancellationToken.None);
        await ProveAsync(state.Exists);
        state.Value = new LedgerSums { Earlier = [.. earlier], Pages = pages };
        return state;
    }

    /// <summary>
    /// Makes certain, before anything is overwritten that does not count here, that this activation still owns the ledger: what was left by the dead may go, what another owner
    /// has written may not, and then this write of the record is refused.
    /// </summary>
    private async ValueTask ProveAsync(bool isNeeded)
    {
        if (isNeeded)
            await record.FlushAsync();
    }

    private LedgerPage PageOf(LedgerSums stored, long pages) => new() { Earlier = stored.Earlier, Entries = Counted(stored, pages) };

    private List<LedgerEntry> Counted(LedgerSums stored, long pages)
    {
        if (stored.Pages > pages)
            throw record.Outrun();

        return stored.LaterPages > pages ? stored.Sums : [.. stored.Sums, .. stored.Later];
    }

    private ValueTask<IActorState<LedgerSums>> OpenAsync(long number, CancellationToken cancellationToken) =>
        context.OpenStateAsync<LedgerSums>(NameOf(number), cancellationToken);
}
