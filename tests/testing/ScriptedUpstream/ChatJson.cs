using System.Text.Json.Nodes;

namespace OrleansChat.Testing;

/// <summary>Chat completions as OpenAI writes them.</summary>
internal static class ChatJson
{
    public const string Id = "chatcmpl-scripted";

    private const long Created = 1_700_000_000;

    public static JsonObject Completion(ChatReply reply, RecordedRequest request)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.Chunks.Count == 0 ? null : string.Concat(reply.Chunks) };
        if (reply.ToolCalls.Count > 0)
            message["tool_calls"] = new JsonArray([.. reply.ToolCalls.Select(ToolCall)]);
        return new JsonObject
        {
            ["id"] = Id,
            ["object"] = "chat.completion",
            ["created"] = Created,
            ["model"] = request.Model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = reply.FinishReason }),
        };
    }

    public static JsonObject Chunk(RecordedRequest request, JsonObject delta, string? finishReason = null) => new()
    {
        ["id"] = Id,
        ["object"] = "chat.completion.chunk",
        ["created"] = Created,
        ["model"] = request.Model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finishReason }),
    };

    public static JsonObject UsageChunk(RecordedRequest request, ScriptedUsage usage)
    {
        var chunk = Chunk(request, []);
        chunk["choices"] = new JsonArray();
        chunk["usage"] = Usage(usage);
        return chunk;
    }

    public static JsonObject Usage(ScriptedUsage usage) => new()
    {
        ["prompt_tokens"] = usage.InputTokens,
        ["completion_tokens"] = usage.OutputTokens,
        ["total_tokens"] = usage.InputTokens + usage.OutputTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.CachedInputTokens },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.ReasoningTokens },
    };

    /// <summary>A call in fragments: first id and name, then the arguments in pieces of a few characters.</summary>
    public static IEnumerable<JsonObject> ToolCallDeltas(IReadOnlyList<ScriptedToolCall> calls)
    {
        for (var index = 0; index < calls.Count; index++)
        {
            var first = ToolCall(calls[index]);
            first["index"] = index;
            first["function"]!["arguments"] = "";
            yield return Delta(first);
            foreach (var piece in calls[index].Arguments.Chunk(5))
            {
                yield return Delta(new JsonObject
                {
                    ["index"] = index,
                    ["function"] = new JsonObject { ["arguments"] = new string(piece) },
                });
            }
        }

        static JsonObject Delta(JsonObject call) => new() { ["tool_calls"] = new JsonArray(call) };
    }

    private static JsonObject ToolCall(ScriptedToolCall call) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
    };
}
