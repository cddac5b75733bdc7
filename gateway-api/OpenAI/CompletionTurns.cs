using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>OpenAI's messages in common terms, with pictures, files, tool calls and their results.</summary>
internal static class CompletionTurns
{
    /// <summary>Reads a message that was checked before.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">Where it stands, for faults.</param>
    /// <exception cref="Core.Errors.RequestException">It holds what cannot be put in common terms.</exception>
    public static ChatMessage Read(JsonElement message, string path)
    {
        var fields = Fields.Of(message, $"{path}.");
        var read = message.GetProperty("role").GetString() switch
        {
            "system" or "developer" => new ChatMessage(ChatRole.System, CompletionMessages.TextOf(message)),
            "assistant" => new ChatMessage(ChatRole.Assistant, [.. Said(message), .. Calls(fields, path)]),
            "tool" => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(fields.RequiredText("tool_call_id", int.MaxValue), CompletionMessages.TextOf(message))]),
            "function" => throw Untranslatable.Refuse($"{path}.role", "Send the result as a message of the role 'tool'."),
            _ => new ChatMessage(ChatRole.User, [.. Parts(message, path)]),
        };
        fields.ThrowIfFaulty();
        return read;
    }

    private static IEnumerable<AIContent> Said(JsonElement message)
    {
        if (CompletionMessages.TextOf(message) is { Length: > 0 } text)
            yield return new TextContent(text);
        if (message.TryGetProperty("refusal", out var refusal) && refusal.ValueKind is JsonValueKind.String && refusal.GetString() is { Length: > 0 } refused)
            yield return new TextContent(refused);
    }

    private static IEnumerable<AIContent> Calls(Fields fields, string path)
    {
        foreach (var (i, item) in (fields.Items("tool_calls", int.MaxValue) ?? []).Index())
        {
            var call = Fields.Of(item, $"{path}.tool_calls[{i}].");
            if (call.Text("type", int.MaxValue) is not (null or "function") || call.Object("function") is not { } function)
                throw Untranslatable.Refuse($"{path}.tool_calls[{i}]");
            var read = ToolArguments.Call(
                call.RequiredText("id", int.MaxValue), function.RequiredText("name", int.MaxValue), function.Text("arguments", int.MaxValue) ?? "");
            call.ThrowIfFaulty();
            yield return read;
        }
    }

    private static IEnumerable<AIContent> Parts(JsonElement message, string path)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array)
        {
            yield return new TextContent(CompletionMessages.TextOf(message));
            yield break;
        }

        foreach (var (i, item) in content.EnumerateArray().Index())
        {
            var place = $"{path}.content[{i}]";
            var part = Fields.Of(item, $"{place}.");
            yield return part.Text("type", int.MaxValue) switch
            {
                "text" => new TextContent(part.Text("text", int.MaxValue)),
                "image_url" => DataAddress.Read($"{place}.image_url.url", part.Object("image_url")?.Text("url", int.MaxValue), "image/*"),
                "file" when part.Object("file")?.Text("file_data", int.MaxValue) is { } file => DataAddress.Read($"{place}.file.file_data", file, "application/pdf"),
                _ => throw Untranslatable.Refuse(place),
            };
            part.ThrowIfFaulty();
        }
    }
}
