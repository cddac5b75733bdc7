using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.OpenAI;

/// <summary>OpenAI's token counts in the terms of Microsoft.Extensions.AI.</summary>
internal static class UsageMapping
{
    public static UsageDetails ToDetails(this UsageWire usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        // Embeddings have no completion; a server may leave one of the two sums out.
        OutputTokenCount = usage.CompletionTokens ?? (usage.TotalTokens - usage.PromptTokens),
        TotalTokenCount = usage.TotalTokens ?? (usage.PromptTokens + (usage.CompletionTokens ?? 0)),
        CachedInputTokenCount = usage.PromptTokensDetails?.CachedTokens,
        ReasoningTokenCount = usage.CompletionTokensDetails?.ReasoningTokens,
    };
}
