using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Changes to a client's request body on its way to an upstream; every field not named here stays as it is.</summary>
public static class OpenAIRequestBody
{
    /// <summary>Bytes of what is added; the buffer grows where names are escaped at length.</summary>
    private const int Room = 96;

    /// <summary>Replaces the model, and asks for usage in the stream if the body asks for a stream.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="model">The model's name at the upstream.</param>
    /// <param name="includesUsage">Whether a streamed answer must end with its usage.</param>
    /// <param name="limit">A field that is added, such as a limit of the answer's length that the client did not set; null for none.</param>
    /// <returns>The new body as UTF-8.</returns>
    public static ReadOnlyMemory<byte> ForUpstream(
        JsonElement body, string model, bool includesUsage = true, (string Name, int Value)? limit = null)
    {
        var asksUsage = includesUsage && body.TryGetProperty("stream", out var stream) && stream.ValueKind is JsonValueKind.True;
        var buffer = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(body).Length + model.Length + Room);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        foreach (var property in body.EnumerateObject())
        {
            if (property.NameEquals("model") || (asksUsage && property.NameEquals("stream_options")))
                continue;
            property.WriteTo(json);
        }

        if (asksUsage)
            WriteStreamOptions(json, body);
        if (limit is { } added)
            json.WriteNumber(added.Name, added.Value);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Whether a body asks for usage in its stream, so that the client expects the usage event.</summary>
    /// <param name="body">A JSON object.</param>
    public static bool AsksForUsage(JsonElement body)
        => body.TryGetProperty("stream_options", out var options) && options.ValueKind is JsonValueKind.Object
            && options.TryGetProperty("include_usage", out var include) && include.ValueKind is JsonValueKind.True;

    private static void WriteStreamOptions(Utf8JsonWriter json, JsonElement body)
    {
        json.WriteStartObject("stream_options");
        if (body.TryGetProperty("stream_options", out var options) && options.ValueKind is JsonValueKind.Object)
        {
            foreach (var option in options.EnumerateObject())
            {
                if (!option.NameEquals("include_usage"))
                    option.WriteTo(json);
            }
        }

        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
    }
}
