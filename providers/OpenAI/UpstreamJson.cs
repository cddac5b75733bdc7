using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansChat.Providers.OpenAI;

/// <summary>How requests to upstreams are written as JSON.</summary>
internal static class UpstreamJson
{
    /// <summary>Text beyond ASCII goes as UTF-8, not as escapes three times its size: no browser will read this as HTML.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Utf8JsonWriter Writer(IBufferWriter<byte> buffer) => new(buffer, Options);
}
