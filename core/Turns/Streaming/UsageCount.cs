using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>Tokens of a call: as the upstream says, or counted here where it does not.</summary>
internal static class UsageCount
{
    /// <summary>The usage of a call.</summary>
    /// <param name="reported">What the upstream said; null for nothing.</param>
    /// <param name="input">The input's tokens as they are counted here.</param>
    /// <param name="text">The answer as far as it came.</param>
    public static TokenUsage Of(UsageDetails? reported, long input, string text) =>
        ReportedUsage.Of(reported, input, reported?.OutputTokenCount is null ? TokenEstimate.Count(text) : 0);

    /// <summary>Two calls together.</summary>
    public static TokenUsage Add(TokenUsage one, TokenUsage other) =>
        new(one.InputTokens + other.InputTokens, one.OutputTokens + other.OutputTokens, one.Estimated || other.Estimated)
        {
            CachedInputTokens = one.CachedInputTokens + other.CachedInputTokens,
            CacheWriteInputTokens = one.CacheWriteInputTokens + other.CacheWriteInputTokens,
            ReasoningTokens = one.ReasoningTokens + other.ReasoningTokens,
        };
}
