using System.Text.Json.Nodes;

namespace OrleansChat.Testing;

/// <summary>Messages as Anthropic writes them.</summary>
internal static class AnthropicJson
{
    public const string Id = "msg_scripted";

    public const string Signature = "scripted-signature";

    public static JsonObject Message(AnthropicReply reply, RecordedRequest request, ScriptedUsage usage)
    {
        var content = new JsonArray();
        if (reply.Thinking.Length > 0)
            content.Add(new JsonObject { ["type"] = "thinking", ["thinking"] = reply.Thinking, ["signature"] = Signature });
        if (reply.TextPieces.Count > 0)
            content.Add(new JsonObject { ["type"] = "text", ["text"] = string.Concat(reply.TextPieces) });
        foreach (var call in reply.ToolCalls)
        {
            content.Add(new JsonObject
            {
                ["type"] = "tool_use",
                ["id"] = call.Id,
                ["name"] = call.Name,
                ["input"] = call.Arguments.Length == 0 ? new JsonObject() : JsonNode.Parse(call.Arguments),
            });
        }

        return Head(request, content, reply.StopReason, Usage(reply, usage));
    }

    public static JsonObject Head(RecordedRequest request, JsonArray content, string? stopReason, JsonObject usage) => new()
    {
        ["id"] = Id,
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = request.Model,
        ["content"] = content,
        ["stop_reason"] = stopReason,
        ["stop_sequence"] = null,
        ["usage"] = usage,
    };

    /// <summary>Anthropic counts cached input beside the input, not within it.</summary>
    public static JsonObject Usage(AnthropicReply reply, ScriptedUsage usage, int? outputTokens = null) => new()
    {
        ["input_tokens"] = usage.InputTokens - usage.CachedInputTokens - reply.CacheCreationTokens,
        ["cache_creation_input_tokens"] = reply.CacheCreationTokens,
        ["cache_read_input_tokens"] = usage.CachedInputTokens,
        ["output_tokens"] = outputTokens ?? usage.OutputTokens,
    };
}
