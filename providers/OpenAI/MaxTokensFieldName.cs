using OrleansChat.Core.Settings;

namespace OrleansChat.Providers.OpenAI;

/// <summary>The decision behind <see cref="MaxTokensField.ByAddress"/>.</summary>
internal static class MaxTokensFieldName
{
    private const string OpenAIHost = "api.openai.com";

    public static string For(MaxTokensField field, Uri baseUrl) => field switch
    {
        MaxTokensField.MaxTokens => "max_tokens",
        MaxTokensField.MaxCompletionTokens => "max_completion_tokens",
        _ => baseUrl.Host.Equals(OpenAIHost, StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens" : "max_tokens",
    };
}
