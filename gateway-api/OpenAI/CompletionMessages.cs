using System.Runtime.InteropServices;
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
    /// <param name="fields">The body's fields.</param>
    /// <param name="number">The message's place in <c>messages</c>.</param>
    /// <param name="message">The message.</param>
    public static void Check(Fields fields, int number, JsonElement message)
    {
        if (message.ValueKind is not JsonValueKind.Object)
        {
            fields.Fault($"messages[{number}]", $"must be an object, not {JsonKinds.NameOf(message)}");
            return;
        }

        if (!message.TryGetProperty("role", out var role) || !IsRole(role))
            fields.Fault($"messages[{number}].role", $"must be one of '{string.Join("', '", Roles)}'");
        if (message.TryGetProperty("content", out var content) && !IsContent(content))
            fields.Fault($"messages[{number}].content", "must be a string or an array of objects with a 'type'");
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
                tokens += BytesOf(told);
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

    private static bool IsRole(JsonElement role)
    {
        if (role.ValueKind is not JsonValueKind.String)
            return false;
        foreach (var known in Roles)
        {
            if (role.ValueEquals(known))
                return true;
        }

        return false;
    }

    // A string of a body is text: halves of surrogate pairs are refused before anything is read.
    private static bool IsContent(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.String => true,
        JsonValueKind.Array => content.EnumerateArray().All(part =>
            part.ValueKind is JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String
            && (!part.TryGetProperty("text", out var text) || text.ValueKind is JsonValueKind.String)),
        _ => false,
    };

    private static long UpperBoundOf(JsonElement message, ref long attachments)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array)
            return BytesOf(message);

        var tokens = 0L;
        foreach (var part in content.EnumerateArray())
        {
            if (part.TryGetProperty("text", out _))
                tokens += BytesOf(part);
            else
                attachments += AttachmentTokens;
        }

        return tokens;
    }

    private static long BytesOf(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;

    private static ChatRole RoleOf(JsonElement message) => message.GetProperty("role").GetString() switch
    {
        "system" or "developer" => ChatRole.System,
        "assistant" => ChatRole.Assistant,
        "tool" or "function" => ChatRole.Tool,
        _ => ChatRole.User,
    };
}
