using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Anthropic's messages in common terms. What a model thought is left out: only the model that signed it may read it.</summary>
internal static class MessagesTurns
{
    private const string Text = "text";
    private const string Failed = "Error: ";

    /// <summary>Reads a message that was checked before.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">Where it stands, for faults.</param>
    /// <exception cref="Core.Errors.RequestException">It holds what cannot be put in common terms.</exception>
    public static ChatMessage Read(JsonElement message, string path)
    {
        var content = message.GetProperty("content");
        return content.ValueKind is JsonValueKind.String
            ? new ChatMessage(RoleOf(message), content.GetString())
            : new ChatMessage(RoleOf(message), Joined(content.EnumerateArray().Index().SelectMany(block => Block(block.Item, $"{path}.content[{block.Index}]"))));
    }

    /// <summary>Reads a message's words alone.</summary>
    public static ChatMessage ReadText(JsonElement message) => new(RoleOf(message), TextOf(message.GetProperty("content"), "\n"));

    /// <summary>The text of a string or of blocks.</summary>
    public static string TextOf(JsonElement content, string separator) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Join(separator, content.EnumerateArray().Select(TextOfBlock).Where(text => text.Length > 0)),
        _ => "",
    };

    private static ChatRole RoleOf(JsonElement message) => message.GetProperty("role").GetString() switch
    {
        "assistant" => ChatRole.Assistant,
        "system" => ChatRole.System,
        _ => ChatRole.User,
    };

    private static string TextOfBlock(JsonElement block) =>
        block.ValueKind is JsonValueKind.Object && block.TryGetProperty(Text, out var text) && text.ValueKind is JsonValueKind.String ? text.GetString()! : "";

    /// <summary>Neighbouring blocks of text are lines of one text: not every server takes a list of them.</summary>
    private static List<AIContent> Joined(IEnumerable<AIContent> contents)
    {
        var joined = new List<AIContent>();
        foreach (var content in contents)
        {
            if (content is TextContent text && joined.LastOrDefault() is TextContent last)
                last.Text += "\n" + text.Text;
            else
                joined.Add(content);
        }

        return joined;
    }

    private static IEnumerable<AIContent> Block(JsonElement block, string place)
    {
        var fields = Fields.Of(block, $"{place}.");
        switch (fields.Text("type", int.MaxValue))
        {
            case Text:
                yield return new TextContent(TextOfBlock(block));
                break;
            case "image":
                yield return Source(fields, place, "image/*");
                break;
            case "document":
                yield return Source(fields, place, "application/pdf");
                break;
            case "tool_use":
                yield return ToolArguments.Call(
                    fields.RequiredText("id", int.MaxValue), fields.RequiredText("name", int.MaxValue), fields.Find("input") ?? JsonElement.Parse("{}"));
                break;
            case "tool_result":
                foreach (var content in Result(fields, block, place))
                    yield return content;
                break;
            case "thinking" or "redacted_thinking":
                break;
            default:
                throw Untranslatable.Refuse(place);
        }

        fields.ThrowIfFaulty();
    }

    /// <summary>A result, and after it the pictures in it: elsewhere results are text, and pictures the user's.</summary>
    private static IEnumerable<AIContent> Result(Fields fields, JsonElement block, string place)
    {
        var blocks = block.TryGetProperty("content", out var content) && content.ValueKind is JsonValueKind.Array ? content.EnumerateArray().ToList() : [];
        var text = TextOf(content, "\n");
        if (fields.Flag("is_error") is true && !text.StartsWith(Failed, StringComparison.OrdinalIgnoreCase))
            text = Failed + text;
        yield return new FunctionResultContent(fields.RequiredText("tool_use_id", int.MaxValue), text);
        foreach (var (i, item) in blocks.Index())
        {
            var part = Fields.Of(item, $"{place}.content[{i}].");
            var type = part.Text("type", int.MaxValue);
            if (type == "image")
                yield return Source(part, $"{place}.content[{i}]", "image/*");
            else if (type != Text)
                throw Untranslatable.Refuse($"{place}.content[{i}]");
        }
    }

    private static AIContent Source(Fields block, string place, string mediaType)
    {
        if (block.Object("source") is not { } source)
            throw Untranslatable.Refuse($"{place}.source");
        return source.Text("type", int.MaxValue) switch
        {
            "base64" => DataAddress.ReadBase64($"{place}.source.data", source.Text("media_type", int.MaxValue), source.Text("data", int.MaxValue)),
            "url" => DataAddress.Read($"{place}.source.url", source.Text("url", int.MaxValue), mediaType),
            Text => new TextContent(source.Text("data", int.MaxValue)),
            _ => throw Untranslatable.Refuse($"{place}.source"),
        };
    }
}
