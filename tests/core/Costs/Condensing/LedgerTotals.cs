using OrleansChat.Core.Costs;

namespace OrleansChat.Core.Tests.Costs.Condensing;

/// <summary>All that a report says of a group of entries.</summary>
internal sealed record LedgerTotals(
    Int128 NanoUsd, Int128 Saved, long Free, Int128 FreeNanoUsd, long Input, long Output, long Cached, long Written, long Reasoning, long Requests, long Estimated, long Entries)
{
    private static readonly LedgerTotals Nothing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Sums entries one by one, by whatever sets groups apart.</summary>
    public static SortedDictionary<string, LedgerTotals> By(IEnumerable<LedgerEntry> entries, Func<LedgerEntry, string> groupOf)
    {
        var groups = new SortedDictionary<string, LedgerTotals>(StringComparer.Ordinal);
        foreach (var entry in entries)
            groups[groupOf(entry)] = groups.GetValueOrDefault(groupOf(entry), Nothing).Plus(entry);

        return groups;
    }

    private LedgerTotals Plus(LedgerEntry entry) => new(
        NanoUsd + entry.NanoUsd,
        Saved + entry.SavedNanoUsd,
        Free + entry.FreeTokens,
        FreeNanoUsd + entry.FreeNanoUsd,
        Input + entry.Usage.InputTokens,
        Output + entry.Usage.OutputTokens,
        Cached + entry.Usage.CachedInputTokens,
        Written + entry.Usage.CacheWriteInputTokens,
        Reasoning + entry.Usage.ReasoningTokens,
        Requests + (entry.IsCorrection ? 0 : entry.Count),
        Estimated + (entry.Usage.Estimated && !entry.IsCorrection ? entry.Count : 0),
        Entries + entry.Count);
}
