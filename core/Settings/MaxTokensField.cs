namespace OrleansChat.Core.Settings;

/// <summary>
/// The field that limits an answer's length at an OpenAI-compatible upstream. OpenAI's reasoning models refuse the older one;
/// compatible servers often know only the older one.
/// </summary>
public enum MaxTokensField
{
    /// <summary><c>max_completion_tokens</c> at OpenAI's own address, <c>max_tokens</c> at any other.</summary>
    ByAddress,

    /// <summary><c>max_tokens</c>.</summary>
    MaxTokens,

    /// <summary><c>max_completion_tokens</c>.</summary>
    MaxCompletionTokens,
}
