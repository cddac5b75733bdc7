using System.Buffers;
using System.Text.Json;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Changes to a client's body of <c>/v1/messages</c> on its way to an upstream; every field not named here stays as it is.</summary>
public static class AnthropicRequestBody
{
    /// <summary>
    /// Replaces the model. Thinking without a signature is left out: it came from a model of another vendor earlier in the same route, and
    /// Anthropic refuses what it did not sign.
    /// </summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="model">The model's name at the upstream.</param>
    /// <returns>The new body as UTF-8.</returns>
    public static ReadOnlyMemory<byte> ForUpstream(JsonElement body, string model)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        foreach (var property in body.EnumerateObject())
        {
            if (property.NameEquals("model"))
                continue;
            if (property.NameEquals("messages") && property.Value.EnumerateArray().Any(HasUnsigned))
                WriteMessages(json, property.Value);
            else
                property.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteMessages(Utf8JsonWriter json, JsonElement messages)
    {
        json.WriteStartArray("messages");
        foreach (var message in messages.EnumerateArray())
        {
            if (!HasUnsigned(message))
            {
                message.WriteTo(json);
                continue;
            }

            json.WriteStartObject();
            foreach (var property in message.EnumerateObject())
            {
                if (property.NameEquals("content"))
                    WriteSigned(json, property.Value);
                else
                    property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSigned(Utf8JsonWriter json, JsonElement content)
    {
        json.WriteStartArray("content");
        foreach (var block in content.EnumerateArray().Where(block => !IsUnsigned(block)))
            block.WriteTo(json);
        json.WriteEndArray();
    }

    private static bool HasUnsigned(JsonElement message)
        => message.ValueKind is JsonValueKind.Object && message.TryGetProperty("content", out var content)
            && content.ValueKind is JsonValueKind.Array && content.EnumerateArray().Any(IsUnsigned);

    private static bool IsUnsigned(JsonElement block)
        => block.ValueKind is JsonValueKind.Object
            && block.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.ValueEquals("thinking")
            && block.TryGetProperty("signature", out var signature) && signature.ValueKind is JsonValueKind.String && signature.ValueEquals("");
}
