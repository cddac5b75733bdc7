using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.OpenAI;

/// <summary>How requests to upstreams are written as JSON.</summary>
internal static class UpstreamJson
{
    /// <summary>Text beyond ASCII goes as UTF-8, not as escapes three times its size: no browser will read this as HTML.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Tool arguments and results within a text, on one line.</summary>
    private static readonly JsonSerializerOptions Compact =
        new(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as JSON text.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Compact.GetTypeInfo(typeof(T)));

    public static Utf8JsonWriter Writer(IBufferWriter<byte> buffer) => new(buffer, Options);
}
