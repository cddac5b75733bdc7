using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>Reads a request's body as JSON: limited in size and depth, in strict UTF-8.</summary>
internal static class JsonBody
{
    /// <summary>Reads the body whole. The server's own limit ends a body that is too large.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The body; the caller disposes it.</returns>
    /// <exception cref="RequestException">It is not JSON, not UTF-8, or nested too deeply.</exception>
    public static ValueTask<JsonDocument> ReadAsync(HttpContext context) => ReadAsync(context, OptionsOf(context).MaxJsonDepth);

    /// <summary>As <see cref="ReadAsync(HttpContext)"/>, where the limit is at hand.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxDepth">How deep the body may be nested.</param>
    /// <returns>The body; the caller disposes it.</returns>
    /// <exception cref="RequestException">It is not JSON, not UTF-8, or nested too deeply.</exception>
    public static async ValueTask<JsonDocument> ReadAsync(HttpContext context, int maxDepth) => Parse(await ReadBytesAsync(context), maxDepth);

    /// <summary>What a client may send.</summary>
    public static GatewayOptions OptionsOf(HttpContext context) => context.RequestServices.GetRequiredService<OrleansChatOptions>().Gateway;

    /// <summary>The body's bytes, whatever they are.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context)
    {
        if (!IsJson(context.Request.ContentType))
            throw new BadHttpRequestException(FaultTranslation.UnsupportedMediaType.Detail, StatusCodes.Status415UnsupportedMediaType);

        var reader = context.Request.BodyReader;
        while (true)
        {
            var reading = reader.ReadAsync(context.RequestAborted);
            var result = reading.IsCompleted ? await reading : await WaitAsync(context, reading);
            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Waits for the client, which is no work.</summary>
    private static async ValueTask<ReadResult> WaitAsync(HttpContext context, ValueTask<ReadResult> reading)
    {
        var work = RequestWork.Of(context);
        work?.Pause();
        try
        {
            return await reading;
        }
        finally
        {
            work?.Resume();
        }
    }

    /// <summary>Parses JSON strictly.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, int maxDepth)
    {
        if (bytes.Length == 0)
            throw Invalid("The body is empty.", "Send a JSON object.");
        if (!Utf8.IsValid(bytes.Span))
            throw Invalid("The body is not valid UTF-8.", "Encode the body as UTF-8.");
        if (Surrogates.HasHalf(bytes.Span))
            throw Invalid("The body holds half of a surrogate pair, such as \"\\ud800\".", "Escape characters as pairs, or send them as UTF-8.");
        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = maxDepth });
        }
        catch (JsonException fault)
        {
            throw Invalid(Describe(fault, maxDepth), "Send one well-formed JSON object.");
        }
    }

    private static string Describe(JsonException fault, int maxDepth)
    {
        // The parser's message names depth only in words; the rest of it is for people and is kept.
        if (fault.Message.Contains("maximum configured depth", StringComparison.Ordinal))
            return $"The body is nested more than {maxDepth} levels deep.";
        return $"The body is not well-formed JSON (line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1}).";
    }

    private static bool IsJson(string? contentType)
    {
        if (contentType == "application/json")
            return true;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type))
            return false;
        var subtype = type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
        return subtype && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset));
    }

    private static bool IsUtf8(StringSegment charset) =>
        StringSegment.IsNullOrEmpty(charset)
        || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase);

    private static RequestException Invalid(string detail, string suggestion) =>
        new(Problem.Of(ProblemCode.InvalidRequest, detail, suggestion));
}
