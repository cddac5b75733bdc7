using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>A request as the scripted upstream received it.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RecordedRequest(HttpRequest request, string text)
    {
        Method = request.Method;
        Path = request.Path.Value ?? "";
        Query = request.QueryString.Value ?? "";
        Headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Text = text;
        Body = text.Length == 0 ? default : Parse(text);
    }

    public string Method { get; }

    /// <summary>The path without the base URL's <c>/v1</c>, such as <c>/chat/completions</c>.</summary>
    public string Path { get; private set; }

    /// <summary>The query with its question mark; empty when there is none.</summary>
    public string Query { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body to the letter.</summary>
    public string Text { get; }

    /// <summary>The body as JSON; <see cref="JsonValueKind.Undefined"/> when there is none or it is not JSON.</summary>
    public JsonElement Body { get; }

    public string? Model => Property("model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : null;

    public bool IsStream => Property("stream") is { ValueKind: JsonValueKind.True };

    public bool WantsUsage => Property("stream_options") is { ValueKind: JsonValueKind.Object } options
        && options.TryGetProperty("include_usage", out var include) && include.ValueKind is JsonValueKind.True;

    /// <summary>Completes when the connection is gone before the answer has ended, in most scripts because the client left.</summary>
    public Task Disconnected => _disconnected.Task;

    /// <summary>Completes when the script for this request has run to its end, whatever the end.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Words in the messages' text, the scripted server's own count of input tokens.</summary>
    internal int WordCount => Property("messages") is { ValueKind: JsonValueKind.Array } messages ? messages.EnumerateArray().Sum(Words) : 0;

    internal static async Task<RecordedRequest> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new RecordedRequest(context.Request, await reader.ReadToEndAsync(context.RequestAborted));
        if (request.Path.StartsWith(ScriptedUpstream.Prefix, StringComparison.Ordinal))
            request.Path = request.Path[ScriptedUpstream.Prefix.Length..];
        return request;
    }

    internal void MarkDisconnected() => _disconnected.TrySetResult();

    internal void MarkEnded() => _ended.TrySetResult();

    private static int Words(JsonElement message)
        => message.TryGetProperty("content", out var content)
            ? content.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length
            : 0;

    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private JsonElement? Property(string name)
        => Body.ValueKind is JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value : null;
}
