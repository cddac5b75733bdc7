using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>The form of an answer: <c>response_format</c>.</summary>
internal static class CompletionFormat
{
    private const string Field = "response_format";

    /// <summary>Reads the form; null for plain text.</summary>
    /// <exception cref="Core.Errors.RequestException">Only OpenAI-compatible upstreams have it.</exception>
    public static ChatResponseFormat? Read(JsonElement? format)
    {
        if (format is not { } value)
            return null;
        var fields = Fields.Of(value, $"{Field}.");
        switch (fields.Text("type", int.MaxValue))
        {
            case "text":
                return null;
            case "json_schema" when fields.Object("json_schema") is { } described && described.Find("schema") is { ValueKind: JsonValueKind.Object } schema:
                return ChatResponseFormat.ForJsonSchema(schema, described.Text("name", int.MaxValue), described.Text("description", int.MaxValue));
            case "json_object":
                throw Untranslatable.Refuse(Field, "Give a schema with 'json_schema', or choose another model.");
            default:
                throw Untranslatable.Refuse(Field);
        }
    }
}
