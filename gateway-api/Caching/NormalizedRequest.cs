using System.Security.Cryptography;
using System.Text.Json;
using OrleansChat.Core.Routing;

namespace OrleansChat.GatewayApi.Caching;

/// <summary>
/// What makes two requests the same to the cache: the route on <c>/v1</c> with the headers that upstreams are passed, the model's targets, and the body, whatever the order of its
/// fields, its white space and its escapes. Nothing is left out of the body: a stream and a whole answer are two requests.
/// </summary>
internal static class NormalizedRequest
{
    /// <summary>The hash of a request, in hexadecimal digits.</summary>
    public static string HashOf(string dialect, Model model, JsonElement body)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(dialect);
            foreach (var target in model.Route)
                writer.WriteStringValue(target.ToString());
            Write(writer, body);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(field.Name);
                    Write(writer, field.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
