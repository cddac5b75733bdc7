using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Writes messages as <c>/chat/completions</c> wants them.</summary>
internal sealed class ChatMessageWriter(UpstreamFaults faults)
{
    public static void WriteSystem(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("role", "system");
        json.WriteString("content", text);
        json.WriteEndObject();
    }

    /// <summary>One message; a message with several tool results becomes one message for each.</summary>
    public void Write(Utf8JsonWriter json, ChatMessage message)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
            WriteToolResult(json, result);
        if (message.Role == ChatRole.Tool)
            return;
        if (message.Contents.Count > 0 && message.Contents.All(content => content is FunctionResultContent))
            return;

        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        if (message.AuthorName is { Length: > 0 } author)
            json.WriteString("name", author);
        if (message.Role == ChatRole.Assistant)
            WriteAssistant(json, message);
        else
            WriteContent(json, message);
        json.WriteEndObject();
    }

    private static void WriteToolResult(Utf8JsonWriter json, FunctionResultContent result)
    {
        json.WriteStartObject();
        json.WriteString("role", "tool");
        json.WriteString("tool_call_id", result.CallId);
        json.WriteString("content", result.Result switch
        {
            null => "",
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
            JsonElement element => element.GetRawText(),
            var other => UpstreamJson.Text(other),
        });
        json.WriteEndObject();
    }

    private static void WriteAssistant(Utf8JsonWriter json, ChatMessage message)
    {
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (calls.Count == 0)
        {
            json.WriteString("content", message.Text);
            return;
        }

        if (message.Text is { Length: > 0 } text)
            json.WriteString("content", text);
        else
            json.WriteNull("content");
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.CallId);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", Arguments(call));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Arguments as the model wrote them if they were not JSON, so that it can see its own mistake.</summary>
    private static string Arguments(FunctionCallContent call)
        => call.Arguments is { } arguments
            ? UpstreamJson.Text(arguments)
            : call.RawRepresentation as string ?? "{}";

    private void WriteContent(Utf8JsonWriter json, ChatMessage message)
    {
        if (message.Contents.All(content => content is TextContent))
        {
            json.WriteString("content", message.Text);
            return;
        }

        json.WriteStartArray("content");
        foreach (var content in message.Contents)
            WritePart(json, content);
        json.WriteEndArray();
    }

    private void WritePart(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                json.WriteStartObject();
                json.WriteString("type", "text");
                json.WriteString("text", text.Text);
                json.WriteEndObject();
                break;
            case DataContent image when image.HasTopLevelMediaType("image"):
                WriteImage(json, image.Uri, image);
                break;
            case UriContent image when image.HasTopLevelMediaType("image"):
                WriteImage(json, image.Uri.AbsoluteUri, image);
                break;
            case DataContent audio when audio.HasTopLevelMediaType("audio"):
                WriteNested(json, "input_audio", ("data", audio.Base64Data.ToString()), ("format", AudioFormat(audio.MediaType)));
                break;
            case DataContent file:
                WriteNested(json, "file", ("file_data", file.Uri), ("filename", file.Name ?? "file"));
                break;
            case HostedFileContent file:
                WriteNested(json, "file", ("file_id", file.FileId));
                break;
            case FunctionResultContent or UsageContent or TextReasoningContent:
                break;
            default:
                throw faults.Unsupported($"a message part of type {content.GetType().Name} has no form in chat completions.");
        }
    }

    private static void WriteImage(Utf8JsonWriter json, string uri, AIContent content)
    {
        if (content.AdditionalProperties?.TryGetValue("detail", out string? detail) is true && detail is not null)
            WriteNested(json, "image_url", ("url", uri), ("detail", detail));
        else
            WriteNested(json, "image_url", ("url", uri));
    }

    private static void WriteNested(Utf8JsonWriter json, string type, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartObject(type);
        foreach (var (name, value) in fields)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string AudioFormat(string mediaType)
        => mediaType.EndsWith("/mpeg", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("/mp3", StringComparison.OrdinalIgnoreCase) ? "mp3" : "wav";
}
