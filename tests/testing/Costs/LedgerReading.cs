using OrleansChat.Core.Costs;

namespace OrleansChat.Testing.Costs;

/// <summary>Reads whole ledgers.</summary>
public static class LedgerReading
{
    /// <summary>Reads a scope's ledger from its first entry to its last.</summary>
    /// <param name="tracker">The scope's tracker.</param>
    /// <returns>The entries, in their order.</returns>
    public static async Task<List<LedgerEntry>> ReadLedgerAsync(this ICostTrackerActor tracker)
    {
        ArgumentNullException.ThrowIfNull(tracker);

        // An actor without a reference before it is read on its own scheduler, which ToListAsync would leave.
        var entries = new List<LedgerEntry>();
        await foreach (var entry in tracker.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default))
            entries.Add(entry);

        return entries;
    }
}
