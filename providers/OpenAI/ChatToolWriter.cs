using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Writes what a request says about tools and about the form of the answer.</summary>
internal sealed class ChatToolWriter(UpstreamFaults faults)
{
    private const string Strict = "strict";

    public void WriteTools(Utf8JsonWriter json, IList<AITool> tools, ChatToolMode? mode)
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
                throw faults.Unsupported($"a tool of type {tool.GetType().Name} has no form in chat completions.");
            WriteFunction(json, function);
        }

        json.WriteEndArray();
        if (mode is not null)
            WriteChoice(json, mode);
    }

    public static void WriteResponseFormat(Utf8JsonWriter json, ChatResponseFormat format)
    {
        json.WriteStartObject("response_format");
        switch (format)
        {
            case ChatResponseFormatJson { Schema: { } schema } structured:
                json.WriteString("type", "json_schema");
                json.WriteStartObject("json_schema");
                json.WriteString("name", structured.SchemaName ?? "answer");
                if (structured.SchemaDescription is { } description)
                    json.WriteString("description", description);
                json.WritePropertyName("schema");
                schema.WriteTo(json);
                json.WriteEndObject();
                break;
            case ChatResponseFormatJson:
                json.WriteString("type", "json_object");
                break;
            default:
                json.WriteString("type", "text");
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteFunction(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", function.Name);
        if (function.Description is { Length: > 0 } description)
            json.WriteString("description", description);
        json.WritePropertyName("parameters");
        function.JsonSchema.WriteTo(json);
        if (function.AdditionalProperties.TryGetValue(Strict, out var strict) && strict is bool isStrict)
            json.WriteBoolean(Strict, isStrict);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode mode)
    {
        switch (mode)
        {
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteStartObject("tool_choice");
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case RequiredChatToolMode:
                json.WriteString("tool_choice", "required");
                break;
            case NoneChatToolMode:
                json.WriteString("tool_choice", "none");
                break;
            default:
                json.WriteString("tool_choice", "auto");
                break;
        }
    }
}
