using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>What a <see cref="ScriptedUpstream"/> does with one request. Immutable: a reply may be enqueued many times.</summary>
public abstract record Reply
{
    /// <summary>Response headers added to those the reply sets itself.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>An assistant message, streamed word by word or sent whole, as the request asks.</summary>
    public static ChatReply Text(string text) => new() { Chunks = Words(text) };

    /// <summary>An assistant message in exactly these pieces.</summary>
    public static ChatReply Pieces(params string[] pieces) => new() { Chunks = pieces };

    /// <summary>An assistant message that calls tools; the arguments are streamed in several fragments.</summary>
    public static ChatReply Calls(params ScriptedToolCall[] calls) => new() { ToolCalls = calls, FinishReason = "tool_calls" };

    /// <summary>A message in Anthropic's shape, in exactly these pieces.</summary>
    public static AnthropicReply Message(params string[] pieces) => new() { TextPieces = pieces };

    /// <summary>An HTTP error in Anthropic's shape.</summary>
    public static StatusReply AnthropicError(int status, string type, string message)
        => Raw(status, "application/json", $$"""{"type":"error","error":{"type":"{{type}}","message":"{{message}}" } }""");

    /// <summary>An HTTP error in OpenAI's shape.</summary>
    public static StatusReply Status(int status, string? message = null, string? type = null, string? code = null)
        => StatusReply.Error(status, message, type, code);

    /// <summary>429 in OpenAI's shape; <paramref name="retryAfterSeconds"/> becomes <c>Retry-After</c>.</summary>
    public static StatusReply RateLimited(int? retryAfterSeconds = null)
    {
        var reply = StatusReply.Error(429, "Rate limit reached.", "requests", "rate_limit_exceeded");
        return retryAfterSeconds is { } seconds ? reply with { Headers = [new("Retry-After", $"{seconds}")] } : reply;
    }

    /// <summary>A body given to the letter.</summary>
    public static StatusReply Raw(int status, string contentType, string body) => new() { StatusCode = status, ContentType = contentType, Body = body };

    /// <summary>An event stream whose bytes are given to the letter.</summary>
    public static StatusReply RawStream(string body) => Raw(200, "text/event-stream", body);

    /// <summary>Vectors for every input, derived from the input's text.</summary>
    public static EmbeddingReply Embeddings(int dimensions = EmbeddingReply.DefaultDimensions) => new() { Dimensions = dimensions };

    /// <summary>Accepts the request and sends nothing, not even headers, until the client goes away.</summary>
    public static Reply Stall() => new StallReply();

    /// <summary>Accepts the request and closes the connection without an answer.</summary>
    public static Reply Drop() => new DropReply();

    /// <summary>Anything else.</summary>
    public static Reply Custom(Func<HttpContext, RecordedRequest, Task> respond) => new CustomReply(respond);

    internal abstract Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill);

    private static string[] Words(string text)
    {
        var words = text.Split(' ');
        return [.. words.Select((word, i) => i == 0 ? word : " " + word)];
    }

    private sealed record StallReply : Reply
    {
        internal override Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
            => request.Disconnected;
    }

    private sealed record DropReply : Reply
    {
        internal override Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
        {
            context.Abort();
            return Task.CompletedTask;
        }
    }

    private sealed record CustomReply(Func<HttpContext, RecordedRequest, Task> Respond) : Reply
    {
        internal override Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill) => Respond(context, request);
    }
}

/// <summary>Fluent changes that keep the concrete type of a reply.</summary>
public static class ReplyHeaders
{
    public static T WithHeader<T>(this T reply, string name, string value) where T : Reply
        => reply with { Headers = [.. reply.Headers, new(name, value)] };
}
