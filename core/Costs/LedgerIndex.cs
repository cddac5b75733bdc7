namespace OrleansChat.Core.Costs;

/// <summary>
/// Says which pages hold the entries of a period. Eight runs of equal length become one, as digits carry, so a few runs cover all pages; every page
/// tells of the runs before it, so a run is taken apart by reading its last page. Thus no further record is written, and a report
/// reads the pages of its period and, for each, some that grow with the logarithm of the ledger.
/// </summary>
internal sealed class LedgerIndex
{
    /// <summary>Runs of equal length that become one.</summary>
    public const int Carry = 8;

    private List<PageSpan> _spans = [];

    /// <summary>The runs that cover all pages that count, in order.</summary>
    public IReadOnlyList<PageSpan> Spans => _spans;

    /// <summary>The times of a page.</summary>
    /// <param name="number">The page.</param>
    /// <param name="entries">Its entries, at least one.</param>
    /// <returns>A run of that page alone.</returns>
    public static PageSpan SpanOf(long number, List<LedgerEntry> entries)
    {
        var (earliest, latest) = (long.MaxValue, long.MinValue);
        foreach (var entry in entries)
        {
            earliest = Math.Min(earliest, entry.SettledAt.UtcTicks);
            latest = Math.Max(latest, entry.SettledAt.UtcTicks);
        }

        return new PageSpan(number, 1, earliest, latest);
    }

    /// <summary>Starts from the last page.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="page">The page.</param>
    public void Restore(long number, LedgerPage page)
    {
        // A page of an older version tells nothing: what is before it may be of any time.
        _spans = page.Earlier is { } earlier ? [.. earlier] : number == 0 ? [] : [new PageSpan(0, number, long.MinValue, long.MaxValue)];
        Add(SpanOf(number, page.Entries) with { First = number - page.Merged, Count = page.Merged + 1 });
    }

    /// <summary>Forgets the runs whose pages are all gone.</summary>
    /// <param name="first">The first page that is not.</param>
    public void Forget(long first) => _spans.RemoveAll(span => span.Last < first);

    /// <summary>Adds a page.</summary>
    /// <param name="page">A run of that page alone; it is the one after the last.</param>
    public void Add(PageSpan page)
    {
        _spans.Add(page);
        while (_spans.Count >= Carry && _spans.TrueForAll(_spans.Count - Carry, span => span.Count == _spans[^1].Count))
        {
            var run = _spans.GetRange(_spans.Count - Carry, Carry);
            _spans.RemoveRange(_spans.Count - Carry, Carry);
            _spans.Add(new PageSpan(run[0].First, run.Sum(span => span.Count), run.Min(span => span.Earliest), run.Max(span => span.Latest)));
        }
    }
}

/// <summary>Questions about the end of a list.</summary>
file static class ListEnd
{
    public static bool TrueForAll(this List<PageSpan> spans, int from, Predicate<PageSpan> holds)
    {
        for (var i = from; i < spans.Count; i++)
        {
            if (!holds(spans[i]))
                return false;
        }

        return true;
    }
}
