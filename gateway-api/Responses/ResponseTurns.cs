using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>Items of a response, asked or answered, in common terms.</summary>
internal static class ResponseTurns
{
    private const string Text = "text";

    /// <summary>
    /// Reads items. What an assistant says and calls one after the other is one message: elsewhere the results of calls must follow the message
    /// that holds them all.
    /// </summary>
    /// <param name="items">The items.</param>
    /// <param name="path">Where they stand, for faults.</param>
    /// <exception cref="Core.Errors.RequestException">One of them cannot be put in common terms.</exception>
    public static List<ChatMessage> Read(IEnumerable<JsonElement> items, string path)
    {
        var messages = new List<ChatMessage>();
        foreach (var (i, item) in items.Index())
        {
            if (ReadItem(item, $"{path}[{i}]") is not { } message)
                continue;
            if (messages is [.., { } last] && last.Role == message.Role && message.Role == ChatRole.Assistant)
                messages[^1] = new ChatMessage(ChatRole.Assistant, [.. last.Contents, .. message.Contents]);
            else
                messages.Add(message);
        }

        return messages;
    }

    private static ChatMessage? ReadItem(JsonElement item, string place)
    {
        var fields = Fields.Of(item, $"{place}.");
        var read = fields.Text("type", int.MaxValue) switch
        {
            null or "message" => ReadMessage(fields, place),
            "function_call" => new ChatMessage(ChatRole.Assistant, [ToolArguments.Call(
                fields.RequiredText("call_id", int.MaxValue), fields.RequiredText("name", int.MaxValue), fields.Text("arguments", int.MaxValue) ?? "")]),
            "function_call_output" => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(
                fields.RequiredText("call_id", int.MaxValue), ResultOf(fields, place))]),

            // Only the model that thought it can read it.
            "reasoning" => null,
            _ => throw Untranslatable.Refuse($"{place}.type"),
        };
        fields.ThrowIfFaulty();
        return read;
    }

    private static ChatMessage ReadMessage(Fields fields, string place)
    {
        var role = fields.Word("role", "user", "assistant", "system", "developer") switch
        {
            "assistant" => ChatRole.Assistant,
            "system" or "developer" => ChatRole.System,
            "user" => ChatRole.User,
            _ => throw Untranslatable.Refuse($"{place}.role"),
        };
        return fields.Find("content") is { ValueKind: JsonValueKind.Array } parts
            ? new ChatMessage(role, [.. parts.EnumerateArray().Index().Select(part => ReadPart(part.Item, $"{place}.content[{part.Index}]"))])
            : new ChatMessage(role, fields.Text("content", int.MaxValue));
    }

    private static AIContent ReadPart(JsonElement part, string place)
    {
        var fields = Fields.Of(part, $"{place}.");
        AIContent read = fields.Text("type", int.MaxValue) switch
        {
            "input_text" or "output_text" or Text => new TextContent(fields.Text(Text, int.MaxValue)),
            "refusal" => new TextContent(fields.Text("refusal", int.MaxValue)),
            "input_image" when fields.Has("image_url") => DataAddress.Read($"{place}.image_url", fields.Text("image_url", int.MaxValue), "image/*"),
            "input_file" when fields.Has("file_data") => DataAddress.Read($"{place}.file_data", fields.Text("file_data", int.MaxValue), "application/pdf"),
            "input_file" when fields.Has("file_url") => DataAddress.Read($"{place}.file_url", fields.Text("file_url", int.MaxValue), "application/pdf"),
            _ => throw Untranslatable.Refuse(place),
        };
        fields.ThrowIfFaulty();
        return read;
    }

    private static string ResultOf(Fields fields, string place)
    {
        if (fields.Find("output") is not { ValueKind: JsonValueKind.Array } parts)
            return fields.Text("output", int.MaxValue) ?? "";
        return string.Join('\n', parts.EnumerateArray().Index().Select(part =>
            ReadPart(part.Item, $"{place}.output[{part.Index}]") is TextContent text ? text.Text : throw Untranslatable.Refuse($"{place}.output[{part.Index}]")));
    }
}
