using OrleansChat.Core.Settings;

namespace OrleansChat.Providers.OpenAI;

/// <summary>The decision behind <see cref="MaxTokensField.ByAddress"/>.</summary>
public static class MaxTokensFieldName
{
    private const string OpenAIHost = "api.openai.com";

    /// <summary>The field's name.</summary>
    /// <param name="field">The setting.</param>
    /// <param name="baseUrl">The upstream's address.</param>
    /// <returns><c>max_tokens</c> or <c>max_completion_tokens</c>.</returns>
    public static string For(MaxTokensField field, Uri baseUrl) => field switch
    {
        MaxTokensField.MaxTokens => "max_tokens",
        MaxTokensField.MaxCompletionTokens => "max_completion_tokens",
        _ => baseUrl.Host.Equals(OpenAIHost, StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens" : "max_tokens",
    };
}
