using System.Text.Json.Serialization;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Costs;

/// <summary>What an operation really used.</summary>
/// <param name="OperationId">The operation that was reserved for; one that is not known is booked all the same.</param>
/// <param name="Subject">Who used what.</param>
/// <param name="Usage">The tokens.</param>
/// <param name="NanoUsd">The cost in nano-dollars, at least 0.</param>
public sealed record CostSettlement(string OperationId, LedgerSubject Subject, TokenUsage Usage, long NanoUsd)
{
    /// <summary>What it would have cost, had it not been answered from the cache, in nano-dollars.</summary>
    public long SavedNanoUsd { get; init; }

    /// <summary>The free tier of the scope for the model, as it holds now; null for none.</summary>
    public FreeTier? FreeTier { get; init; }

    /// <summary>What was set aside for it, in nano-dollars; null where the caller does not know.</summary>
    public long? ReservedNanoUsd { get; init; }

    /// <summary>
    /// How long ago it was set aside, by the clock of whoever had it set aside; null where he does not know. It tells whether a scope that knows nothing of the operation since a
    /// crash may still hold money back for it.
    /// </summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Whether nobody waits until it is durable, so that its entry may share a write with those of the next milliseconds. It means nothing to another process.</summary>
    [JsonIgnore]
    public bool MayShareWrite { get; init; }

    /// <summary>
    /// When the call began, where it is lost: whoever made it died, and nobody knows what it used. It is charged at the estimate, as a lease that
    /// runs out is, unless the operation is known or named by an entry since then. Null for a settlement.
    /// </summary>
    public DateTimeOffset? LostSince { get; init; }
}

/// <summary>One line of the ledger. The sum of a scope's entries is its spend, always. What is nothing is not written: ledgers are mostly entries.</summary>
/// <param name="OperationId">The operation.</param>
/// <param name="SettledAt">When it was booked, UTC.</param>
/// <param name="Subject">Who used what.</param>
/// <param name="Usage">The tokens.</param>
/// <param name="NanoUsd">
/// The cost in nano-dollars. Where a settlement comes after its reservation was charged at the estimate, the difference: it may be negative.
/// </param>
public sealed record LedgerEntry(string OperationId, DateTimeOffset SettledAt, LedgerSubject Subject, TokenUsage Usage, long NanoUsd)
{
    /// <summary>Whether this is a reservation whose lease ran out, or a call whose caller died, charged at its estimate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LeaseExpired { get; init; }

    /// <summary>Whether this corrects a charge at the estimate: then it is no further request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsCorrection { get; init; }

    /// <summary>What it would have cost, had it not been answered from the cache, in nano-dollars. It is no part of any sum of costs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SavedNanoUsd { get; init; }

    /// <summary>The tokens that free ones of the scope covered; negative where a correction gives some back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long FreeTokens { get; init; }

    /// <summary>What those tokens would have cost, in nano-dollars. It is no part of any sum of costs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long FreeNanoUsd { get; init; }

    /// <summary>
    /// How many entries this is the sum of, where the ledger was condensed: entries of one day, key, team, model and upstream, without operation and session, at the
    /// beginning of their day. 0 for an entry of its own.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SumOf { get; init; }

    /// <summary>How many entries it stands for, at least 1.</summary>
    [JsonIgnore]
    public long Count => Math.Max(1, SumOf);
}
