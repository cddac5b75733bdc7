using System.Text.Json;

namespace OrleansChat.Providers.Http;

/// <summary>What an upstream says about its refusal.</summary>
/// <param name="Message">Its own message, if the body has one where servers usually put it.</param>
/// <param name="Code">Its machine-readable code or type.</param>
internal readonly record struct UpstreamErrorBody(string? Message, string? Code)
{
    /// <summary>An error body is read up to this many bytes.</summary>
    private const int MaxBytes = 64 * 1024;

    private const int MaxMessageCharacters = 1000;

    /// <summary>Reads at most 64 KB of a response's body and finds the message in it; an unreadable body has none.</summary>
    public static async ValueTask<UpstreamErrorBody> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[MaxBytes];
            var count = await stream.ReadAtLeastAsync(buffer, MaxBytes, throwOnEndOfStream: false, cancellationToken);
            return Parse(buffer.AsMemory(0, count));
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            // The status alone already says what happened.
            return default;
        }
    }

    /// <summary>Finds message and code in OpenAI's, Anthropic's and the commonest other shapes.</summary>
    public static UpstreamErrorBody Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
                return default;
            return root.TryGetProperty("error", out var error)
                ? FromError(error)
                : new(Clip(Text(root, "message") ?? Text(root, "detail")), Text(root, "code") ?? Text(root, "type"));
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Reads an <c>error</c> value: an object, or the bare message that some servers send.</summary>
    public static UpstreamErrorBody FromError(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => new(Clip(Text(error)), null),
        JsonValueKind.Object => new(Clip(Text(error, "message")), Text(error, "code") ?? Text(error, "type")),
        _ => default,
    };

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => Text(value),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Ill-formed UTF-8, or half a surrogate pair.
            return null;
        }
    }

    private static string? Clip(string? message)
        => message is { Length: > MaxMessageCharacters } ? message[..MaxMessageCharacters] + "…" : message;
}
