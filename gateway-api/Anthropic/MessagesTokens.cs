using System.Text;
using System.Text.Json;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Counts what a request of Anthropic's tells the model: its system prompt, tools and messages.</summary>
internal static class MessagesTokens
{
    /// <summary>
    /// Tokens of a picture, which its bytes say nothing about: one that is as large as a model takes without shrinking it, after
    /// https://docs.anthropic.com/en/docs/build-with-claude/vision.
    /// </summary>
    private const long PictureTokens = 1_600;

    private static readonly string[] Told = ["system", "tools", "tool_choice", "output_config"];

    /// <summary>An upper bound.</summary>
    /// <param name="request">The request.</param>
    /// <param name="window">Tokens that fit in the model's window: a document's bytes may be far more, and no request is larger.</param>
    /// <param name="bytes">The part of it that counts bytes of text; none where there is a document.</param>
    public static long UpperBound(MessagesRequest request, long window, out long bytes)
    {
        var tokens = Sum(request, static text => Encoding.UTF8.GetByteCount(text), out var hasDocument, out var pictures);
        bytes = hasDocument ? 0 : tokens - (pictures * PictureTokens);
        return hasDocument ? Math.Min(tokens, window) : tokens;
    }

    /// <summary>A close count.</summary>
    public static long Count(MessagesRequest request) => Sum(request, TokenEstimate.Count, out _, out _);

    private static long Sum(MessagesRequest request, Func<string, long> count, out bool hasDocument, out long pictures)
    {
        var found = false;
        var shown = 0L;
        var tokens = 0L;
        foreach (var name in Told)
        {
            if (request.Body.TryGetProperty(name, out var told))
                tokens += OfContent(told);
        }

        foreach (var message in request.Messages)
            tokens += TokenEstimate.PerMessage + OfContent(message.GetProperty("content"));
        (hasDocument, pictures) = (found, shown);
        return tokens;

        long OfContent(JsonElement content) => content.ValueKind switch
        {
            JsonValueKind.String => count(content.GetString()!),
            JsonValueKind.Array => content.EnumerateArray().Sum(OfBlock),
            _ => count(content.GetRawText()),
        };

        long OfBlock(JsonElement block)
        {
            var type = block.ValueKind is JsonValueKind.Object && block.TryGetProperty("type", out var kind) && kind.ValueKind is JsonValueKind.String ? kind.GetString() : null;
            switch (type)
            {
                case "image":
                    shown++;
                    return PictureTokens;
                case "document":
                    found = true;
                    return count(block.GetRawText());
                case "text" when block.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String:
                    return count(text.GetString()!);
                case "tool_result" when block.TryGetProperty("content", out var result) && result.ValueKind is JsonValueKind.Array:
                    return TokenEstimate.PerMessage + OfContent(result);
                default:
                    return count(block.GetRawText());
            }
        }
    }
}
