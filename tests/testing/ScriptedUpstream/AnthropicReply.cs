using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>A message in Anthropic's shape: one text piece is one token. Streamed when the request says <c>"stream": true</c>.</summary>
public sealed record AnthropicReply : Reply
{
    public IReadOnlyList<string> TextPieces { get; init; } = [];

    public string Thinking { get; init; } = "";

    public IReadOnlyList<ScriptedToolCall> ToolCalls { get; init; } = [];

    public string StopReason { get; init; } = "end_turn";

    /// <summary>What the answer costs; null: the request's words in, the pieces sent out. Cached input is within the input.</summary>
    public ScriptedUsage? Usage { get; init; }

    /// <summary>Input tokens written to the cache, within the input.</summary>
    public int CacheCreationTokens { get; init; }

    /// <summary>Passed once before every text piece and once before the end.</summary>
    public StreamGate? Gate { get; init; }

    /// <summary>How the stream goes wrong after <see cref="FaultAfter"/> pieces; <see cref="StreamFault.Malformed"/> ends it too.</summary>
    public StreamFault Fault { get; init; }

    public int FaultAfter { get; init; }

    /// <summary>Type of the error event that <see cref="StreamFault.Error"/> sends.</summary>
    public string ErrorType { get; init; } = "overloaded_error";

    public int BytesPerWrite { get; init; }

    public AnthropicReply WithUsage(int inputTokens, int outputTokens, int cacheReadTokens = 0, int cacheCreationTokens = 0)
        => this with { Usage = new(inputTokens, outputTokens, cacheReadTokens), CacheCreationTokens = cacheCreationTokens };

    public AnthropicReply Calling(params ScriptedToolCall[] calls) => this with { ToolCalls = calls, StopReason = "tool_use" };

    public AnthropicReply WithThinking(string thinking) => this with { Thinking = thinking };

    public AnthropicReply WithStopReason(string reason) => this with { StopReason = reason };

    public AnthropicReply GatedBy(StreamGate gate) => this with { Gate = gate };

    public AnthropicReply Failing(StreamFault fault, int after) => this with { Fault = fault, FaultAfter = after };

    public AnthropicReply SplitBytes(int bytesPerWrite = 1) => this with { BytesPerWrite = bytesPerWrite };

    internal ScriptedUsage TrueUsage(RecordedRequest request, int sent) => Usage ?? new(request.WordCount, sent);

    internal override async Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
    {
        if (request.IsStream)
        {
            await new AnthropicStream(this, context, request, bill).RunAsync();
            return;
        }

        var usage = TrueUsage(request, TextPieces.Count);
        bill.Add(usage);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(AnthropicJson.Message(this, request, usage).ToJsonString(ScriptedUpstream.Json), context.RequestAborted);
    }
}
