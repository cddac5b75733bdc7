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
    public static TokenUsage Of(UsageDetails? reported, long input, string text)
    {
        var estimated = reported?.InputTokenCount is null || reported.OutputTokenCount is null;
        return new TokenUsage(reported?.InputTokenCount ?? input, reported?.OutputTokenCount ?? TokenEstimate.Count(text), estimated)
        {
            CachedInputTokens = reported?.CachedInputTokenCount ?? 0,
            ReasoningTokens = reported?.ReasoningTokenCount ?? 0,
        };
    }

    /// <summary>Two calls together.</summary>
    public static TokenUsage Add(TokenUsage one, TokenUsage other) =>
        new(one.InputTokens + other.InputTokens, one.OutputTokens + other.OutputTokens, one.Estimated || other.Estimated)
        {
            CachedInputTokens = one.CachedInputTokens + other.CachedInputTokens,
            ReasoningTokens = one.ReasoningTokens + other.ReasoningTokens,
        };
}
