namespace OrleansChat.Core.Costs;

/// <summary>Counts settlements above what was reserved for them: those are booked in full, and tell that an estimate was no upper bound.</summary>
internal sealed class ExcessTally
{
    /// <summary>How many there were.</summary>
    public long Settlements { get; private set; }

    /// <summary>By how much they were above in all, in nano-dollars; the sum stays at its most when it would leave 64 bits.</summary>
    public long NanoUsd { get; private set; }

    /// <summary>Counts a settlement if it was above.</summary>
    /// <param name="nanoUsd">What was booked less what was reserved, in nano-dollars.</param>
    public void Count(long nanoUsd)
    {
        if (nanoUsd <= 0)
            return;

        Settlements++;
        NanoUsd = (long)Int128.Min((Int128)NanoUsd + nanoUsd, long.MaxValue);
    }

    /// <summary>Takes up what a record tells of.</summary>
    /// <param name="state">The record.</param>
    public void Restore(CostTrackerState state) => (Settlements, NanoUsd) = (state.Excesses, state.ExcessNanoUsd);
}
