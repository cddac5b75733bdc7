using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Writes messages as <c>/v1/messages</c> wants them: two roles, and content in blocks.</summary>
internal sealed class AnthropicMessageWriter(UpstreamFaults faults)
{
    private const string User = "user";

    /// <summary>
    /// All messages. Neighbours of one role become one message, because the results of parallel calls must stand together; what is
    /// empty is left out, because it would be refused.
    /// </summary>
    public void WriteAll(Utf8JsonWriter json, IEnumerable<ChatMessage> messages)
    {
        string? open = null;
        foreach (var message in messages)
        {
            var contents = message.Contents.Where(IsWritten).ToList();
            if (contents.Count == 0)
                continue;
            var role = message.Role == ChatRole.Assistant ? "assistant" : User;
            if (role != open)
            {
                if (open is not null)
                    End(json);
                json.WriteStartObject();
                json.WriteString("role", role);
                json.WriteStartArray("content");
                open = role;
            }

            foreach (var content in contents)
                Write(json, content);
        }

        if (open is not null)
            End(json);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool IsWritten(AIContent content) => content switch
    {
        // Blank text is refused, and so is thinking without its proof.
        TextContent text => !string.IsNullOrWhiteSpace(text.Text),
        TextReasoningContent thinking => thinking.ProtectedData is { Length: > 0 } && thinking.Text.Length > 0,
        UsageContent => false,
        _ => true,
    };

    private void Write(Utf8JsonWriter json, AIContent content)
    {
        json.WriteStartObject();
        switch (content)
        {
            case TextContent text:
                json.WriteString("type", "text");
                json.WriteString("text", text.Text);
                break;
            case TextReasoningContent thinking:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", thinking.Text);
                json.WriteString("signature", thinking.ProtectedData);
                break;
            case FunctionCallContent call:
                WriteCall(json, call);
                break;
            case FunctionResultContent result:
                WriteResult(json, result);
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteSource(json, "image", data);
                break;
            case DataContent { MediaType: "application/pdf" } data:
                WriteSource(json, "document", data);
                break;
            case UriContent image when image.HasTopLevelMediaType("image"):
                WriteSource(json, "image", image.Uri);
                break;
            case UriContent { MediaType: "application/pdf" } document:
                WriteSource(json, "document", document.Uri);
                break;
            default:
                throw faults.Unsupported($"a message part of type {content.GetType().Name} has no form in Anthropic's messages.");
        }

        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteString("type", "tool_use");
        json.WriteString("id", call.CallId);
        json.WriteString("name", call.Name);
        json.WritePropertyName("input");
        if (call.Arguments is { } arguments)
        {
            json.WriteRawValue(UpstreamJson.Text(arguments));
            return;
        }

        // The input must be an object; Anthropic's documentation shows broken JSON to its author under this name.
        json.WriteStartObject();
        if (call.RawRepresentation is string { Length: > 0 } broken)
            json.WriteString("INVALID_JSON", broken);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, FunctionResultContent result)
    {
        json.WriteString("type", "tool_result");
        json.WriteString("tool_use_id", result.CallId);
        json.WriteString("content", result.Result switch
        {
            null => result.Exception?.Message ?? "",
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
            JsonElement element => element.GetRawText(),
            var other => UpstreamJson.Text(other),
        });
        if (result.Exception is not null)
            json.WriteBoolean("is_error", true);
    }

    private static void WriteSource(Utf8JsonWriter json, string type, DataContent data)
    {
        json.WriteString("type", type);
        json.WriteStartObject("source");
        json.WriteString("type", "base64");
        json.WriteString("media_type", data.MediaType);
        json.WriteString("data", data.Base64Data.Span);
        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, string type, Uri address)
    {
        json.WriteString("type", type);
        json.WriteStartObject("source");
        json.WriteString("type", "url");
        json.WriteString("url", address.AbsoluteUri);
        json.WriteEndObject();
    }
}
