using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Upstreams;

/// <summary>Tokens of a call: as the upstream says, or counted here where it does not.</summary>
public static class ReportedUsage
{
    /// <summary>
    /// The name of the input tokens that an upstream wrote to its cache among <see cref="UsageDetails.AdditionalCounts"/>; it is Anthropic's,
    /// whose models charge for it.
    /// </summary>
    public const string CacheWriteCount = "cache_creation_input_tokens";

    /// <summary>The usage of a call.</summary>
    /// <param name="reported">What the upstream said; null for nothing. A negative count would be a credit: it is taken as nothing.</param>
    /// <param name="input">The input's tokens as they are counted here.</param>
    /// <param name="output">The answer's tokens as they are counted here.</param>
    /// <returns>The usage, estimated where one of the two sums was not reported.</returns>
    public static TokenUsage Of(UsageDetails? reported, long input, long output)
    {
        var estimated = reported?.InputTokenCount is null || reported.OutputTokenCount is null;
        return new TokenUsage(Math.Max(0, reported?.InputTokenCount ?? input), Math.Max(0, reported?.OutputTokenCount ?? output), estimated)
        {
            CachedInputTokens = Math.Max(0, reported?.CachedInputTokenCount ?? 0),
            CacheWriteInputTokens = Math.Max(0, reported?.AdditionalCounts?.GetValueOrDefault(CacheWriteCount) ?? 0),
            ReasoningTokens = Math.Max(0, reported?.ReasoningTokenCount ?? 0),
        };
    }
}
