using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.Providers.Http;

/// <summary>Failures that upstreams report with a status of success: an object with an <c>error</c> as OpenAI's protocol has it, or one of the type <c>error</c> as Anthropic's has.</summary>
public static class ReportedFailure
{
    /// <summary>The failure that stands in place of an answer in one piece.</summary>
    /// <param name="body">The body.</param>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The failure; null where it is any other body.</returns>
    public static UpstreamException? InAnswer(ReadOnlySpan<byte> body, string upstream) => IsError(body) ? Of(body, upstream) : null;

    /// <summary>The first failure that events tell of.</summary>
    /// <param name="events">Events as they came, the last of them in whole or not.</param>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The failure; null where none does.</returns>
    public static UpstreamException? InEvents(ReadOnlySpan<byte> events, string upstream)
    {
        var isNamedSo = false;

        // Line by line, since events may be parted by LF and by CR LF.
        foreach (var range in events.Split((byte)'\n'))
        {
            var line = events[range];
            var data = SseEventData.Of(line);
            if (!data.IsEmpty && (isNamedSo || IsError(data)))
                return Of(data, upstream);
            if (data.IsEmpty)
                isNamedSo = line.StartsWith("event: error"u8);
        }

        return null;
    }

    private static UpstreamException Of(ReadOnlySpan<byte> json, string upstream) =>
        new UpstreamFaults(upstream).Reported(UpstreamErrorBody.Parse(json.ToArray()), key: null);

    // Only the first field is looked at: that of an answer is another, and nothing more of it is read.
    private static bool IsError(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (json.IsEmpty || !reader.Read() || reader.TokenType is not JsonTokenType.StartObject || !reader.Read() || reader.TokenType is not JsonTokenType.PropertyName)
                return false;

            var isTyped = reader.ValueTextEquals("type"u8);
            if (!isTyped && !reader.ValueTextEquals("error"u8))
                return false;

            return reader.Read()
                && (isTyped ? reader.TokenType is JsonTokenType.String && reader.ValueTextEquals("error"u8) : reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
