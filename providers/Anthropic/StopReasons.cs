using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Why a model stopped, in Anthropic's words and in common ones.</summary>
public static class StopReasons
{
    /// <summary>The common reason.</summary>
    /// <param name="reason">Anthropic's.</param>
    /// <returns>The reason; one that is unknown stays as it is.</returns>
    public static ChatFinishReason Parse(string reason) => reason switch
    {
        "end_turn" or "stop_sequence" or "pause_turn" => ChatFinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        "tool_use" => ChatFinishReason.ToolCalls,
        "refusal" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };

    /// <summary>Anthropic's reason.</summary>
    /// <param name="reason">The common one; null when the upstream gave none.</param>
    /// <returns>The reason; one that Anthropic does not know is an ordinary end.</returns>
    public static string Write(ChatFinishReason? reason) => reason?.Value switch
    {
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        _ => "end_turn",
    };
}
