using System.Text.Json.Serialization;
using OrleansChat.Core.Admission;

namespace OrleansChat.Core.Turns;

/// <summary>What a call of a turn set aside, as it is stored before an upstream is asked: what is charged should its host die.</summary>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="NanoUsd">What it set aside, in nano-dollars.</param>
/// <param name="Tokens">An upper bound of its tokens, input and output.</param>
/// <param name="At">When it was admitted.</param>
public sealed record ReservedAttempt(int Attempt, long NanoUsd, long Tokens, DateTimeOffset At)
{
    /// <summary>Whether it is the attempt's second call, made beside its first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsHedge { get; init; }

    /// <summary>Of a grant.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="grant">Its grant.</param>
    /// <param name="now">Now.</param>
    /// <returns>What is stored.</returns>
    public static ReservedAttempt Of(int attempt, AdmissionGrant grant, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return new ReservedAttempt(attempt, grant.ReservedNanoUsd, grant.Request.InputTokens + grant.Request.OutputTokens, now);
    }
}
