using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>OpenAI's messages: checked, counted, and read as text for upstreams of another kind.</summary>
internal static class CompletionMessages
{
    /// <summary>
    /// Tokens of an attachment, which its bytes say nothing about: OpenAI's most expensive tiling of an image for the models that count in tiles.
    /// </summary>
    private const long AttachmentTokens = 1_500;

    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <summary>Adds the faults of a message.</summary>
    public static void Check(Fields fields, string name, JsonElement message)
    {
        if (message.ValueKind is not JsonValueKind.Object)
        {
            fields.Fault(name, $"must be an object, not {JsonKinds.NameOf(message)}");
            return;
        }

        var role = message.TryGetProperty("role", out var value) ? JsonKinds.TextOf(value, out _) : null;
        if (!Roles.Contains(role))
            fields.Fault($"{name}.role", $"must be one of '{string.Join("', '", Roles)}'");
        if (message.TryGetProperty("content", out var content) && !IsContent(content))
            fields.Fault($"{name}.content", "must be a string or an array of objects with a 'type'");
    }

    /// <summary>An upper bound of the tokens of messages and of everything else that a model is told, such as tools.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bytes">The part of it that counts bytes of text.</param>
    public static long UpperBound(CompletionRequest request, out long bytes)
    {
        var tokens = 0L;
        var attachments = 0L;
        foreach (var message in request.Messages)
            tokens += TokenEstimate.PerMessage + UpperBoundOf(message, ref attachments);
        foreach (var name in (ReadOnlySpan<string>)["tools", "functions", "response_format"])
        {
            if (request.Body.TryGetProperty(name, out var told))
                tokens += Encoding.UTF8.GetByteCount(told.GetRawText());
        }

        bytes = tokens;
        return tokens + attachments;
    }

    /// <summary>A close count of the tokens of the messages' text.</summary>
    public static long Count(CompletionRequest request) =>
        request.Messages.Sum(message => TokenEstimate.PerMessage + TokenEstimate.Count(TextOf(message)));

    /// <summary>The messages' text, for an upstream of another kind.</summary>
    public static List<ChatMessage> ToChat(CompletionRequest request) =>
        [.. request.Messages.Select(message => new ChatMessage(RoleOf(message), TextOf(message)))];

    /// <summary>A message's text; parts of text are lines of it.</summary>
    public static string TextOf(JsonElement message)
    {
        if (!message.TryGetProperty("content", out var content))
            return "";
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray()
                .Select(part => part.TryGetProperty("text", out var text) ? text.GetString()! : "").Where(text => text.Length > 0)),
            _ => "",
        };
    }

    private static bool IsContent(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => JsonKinds.TextOf(content, out _) is not null,
        JsonValueKind.Array => content.EnumerateArray().All(part =>
            part.ValueKind is JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String
            && (!part.TryGetProperty("text", out var text) || JsonKinds.TextOf(text, out _) is not null)),
        _ => false,
    };

    private static long UpperBoundOf(JsonElement message, ref long attachments)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array)
            return Encoding.UTF8.GetByteCount(message.GetRawText());

        var tokens = 0L;
        foreach (var part in content.EnumerateArray())
        {
            if (part.TryGetProperty("text", out _))
                tokens += Encoding.UTF8.GetByteCount(part.GetRawText());
            else
                attachments += AttachmentTokens;
        }

        return tokens;
    }

    private static ChatRole RoleOf(JsonElement message) => message.GetProperty("role").GetString() switch
    {
        "system" or "developer" => ChatRole.System,
        "assistant" => ChatRole.Assistant,
        "tool" or "function" => ChatRole.Tool,
        _ => ChatRole.User,
    };
}
