using System.Runtime.CompilerServices;

namespace OrleansChat.Core.Costs;

/// <summary>Reads the entries of a period, page by page; no more than a few pages are in memory at a time.</summary>
/// <param name="open">Reads a page.</param>
/// <param name="from">The period's beginning, in ticks of UTC.</param>
/// <param name="to">Its end, exclusive.</param>
/// <param name="first">The first page that counts; those before it are gone.</param>
internal sealed class LedgerReader(Func<long, CancellationToken, ValueTask<LedgerPage>> open, long from, long to, long first = 0)
{
    /// <summary>The parts of a run before its last page, or before the pages that are merged into it. Where that page is of an older version, each page is one.</summary>
    /// <param name="span">The run.</param>
    /// <param name="last">Its last page.</param>
    /// <returns>The parts, in order.</returns>
    public static IEnumerable<PageSpan> PartsBefore(PageSpan span, LedgerPage last)
    {
        if (span.Count == 1)
            return [];

        if (last.Earlier is { } earlier)
            return earlier.Where(part => part.First >= span.First);

        return Enumerable.Range(0, (int)(span.Count - 1)).Select(i => new PageSpan(span.First + i, 1, long.MinValue, long.MaxValue));
    }

    /// <summary>Whether an entry is in the period.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>Whether it is.</returns>
    public bool Holds(LedgerEntry entry) => entry.SettledAt.UtcTicks >= from && entry.SettledAt.UtcTicks < to;

    /// <summary>The entries of the period in a run of pages, in the order in which they were booked.</summary>
    /// <param name="span">The run.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries.</returns>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(PageSpan span, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (span.Last < first || !span.MayHold(from, to))
            yield break;

        var last = await open(span.Last, cancellationToken);
        foreach (var part in PartsBefore(span, last))
        {
            await foreach (var entry in ReadAsync(part, cancellationToken))
                yield return entry;
        }

        foreach (var entry in last.Entries)
        {
            if (Holds(entry))
                yield return entry;
        }
    }
}
