using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs;

/// <summary>The operations of a scope that are over, for as long as anything may still be heard of them.</summary>
internal sealed class EndedOperations
{
    /// <summary>How long an operation is known after its end at least: longer than any caller goes on repeating it.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private readonly OperationMemory _settled = new(Retention);

    // They may still be settled, should they have used something after all, but are not lost.
    private readonly OperationMemory _unused = new(Retention);
    private readonly ChargedEstimates _charged = new();

    /// <summary>What was charged at its estimate and can still be corrected, oldest first.</summary>
    public IEnumerable<ChargedEstimate> Charged => _charged.All;

    /// <summary>Lets time pass.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Advance(long now) => _charged.Advance(now);

    /// <summary>Whether an operation was settled or charged.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is known to have been.</returns>
    public bool Knows(string operationId) => _charged.Find(operationId) is not null || IsSettled(operationId);

    /// <summary>Whether an operation was settled.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it is known to have been.</returns>
    public bool IsSettled(string operationId) => _settled.Knows(operationId);

    /// <summary>Whether nothing is known of an operation's end, not even that it used nothing.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it may have been lost.</returns>
    public bool MayBeLost(string operationId) => !Knows(operationId) && !_unused.Knows(operationId);

    /// <summary>Finds what an operation was charged at its estimate.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>The charge; null where it was not, or can no longer be corrected.</returns>
    public ChargedEstimate? ChargeOf(string operationId) => _charged.Find(operationId);

    /// <summary>An operation was settled, and what it was charged before corrected.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Settle(string operationId, long now)
    {
        _charged.Remove(operationId);
        _settled.Remember(operationId, now);
    }

    /// <summary>An operation ended without using anything.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Release(string operationId, long now) => _unused.Remember(operationId, now);

    /// <summary>An operation was charged at its estimate.</summary>
    /// <param name="entry">The charge.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Charge(LedgerEntry entry, long now) => _charged.Add(entry.OperationId, entry.NanoUsd, entry.FreeTokens, now);

    /// <summary>Learns from an entry which operation is over.</summary>
    /// <param name="entry">The entry; entries come in the order in which they were booked.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Recall(LedgerEntry entry, long now)
    {
        if (entry.LeaseExpired)
            Charge(entry, now);
        else
            Settle(entry.OperationId, now);
    }

    /// <summary>Takes up stored charges.</summary>
    /// <param name="charged">The charges, oldest first.</param>
    public void Restore(IEnumerable<ChargedEstimate> charged)
    {
        foreach (var estimate in charged)
            _charged.Restore(estimate);
    }
}
