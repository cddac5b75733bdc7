using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>A tool call as the scripted model makes it; <paramref name="Arguments"/> is JSON text, well-formed or not.</summary>
public sealed record ScriptedToolCall(string Id, string Name, string Arguments);

/// <summary>Token counts of one answer.</summary>
public sealed record ScriptedUsage(int InputTokens, int OutputTokens, int CachedInputTokens = 0, int ReasoningTokens = 0);

/// <summary>A chat completion: one content chunk is one token. Streamed when the request says <c>"stream": true</c>.</summary>
public sealed record ChatReply : Reply
{
    public IReadOnlyList<string> Chunks { get; init; } = [];

    public IReadOnlyList<ScriptedToolCall> ToolCalls { get; init; } = [];

    public string FinishReason { get; init; } = "stop";

    /// <summary>What the answer costs; null: the request's words in, the chunks sent out.</summary>
    public ScriptedUsage? Usage { get; init; }

    /// <summary>What the answer claims to cost, when that differs.</summary>
    public ScriptedUsage? Claimed { get; init; }

    public bool HidesUsage { get; init; }

    /// <summary>Passed once before every content chunk and once before the end.</summary>
    public StreamGate? Gate { get; init; }

    public StreamFault Fault { get; init; }

    /// <summary>Content chunks sent before <see cref="Fault"/> strikes.</summary>
    public int FaultAfter { get; init; }

    /// <summary>Bytes a write, so that lines and characters are torn apart; 0: an event a write.</summary>
    public int BytesPerWrite { get; init; }

    public string LineEnd { get; init; } = "\n";

    /// <summary>Whether comment lines stand between the events.</summary>
    public bool HasComments { get; init; }

    /// <summary>Sets the true and the reported cost.</summary>
    public ChatReply WithUsage(int inputTokens, int outputTokens, int cachedInputTokens = 0, int reasoningTokens = 0)
        => this with { Usage = new(inputTokens, outputTokens, cachedInputTokens, reasoningTokens) };

    /// <summary>Reports another cost than the true one.</summary>
    public ChatReply Claiming(int inputTokens, int outputTokens) => this with { Claimed = new(inputTokens, outputTokens) };

    /// <summary>Never reports usage, whatever the request asks.</summary>
    public ChatReply WithoutUsage() => this with { HidesUsage = true };

    public ChatReply WithFinishReason(string reason) => this with { FinishReason = reason };

    public ChatReply GatedBy(StreamGate gate) => this with { Gate = gate };

    /// <summary>Closes the connection after this many content chunks.</summary>
    public ChatReply CutAfter(int chunks) => this with { Fault = StreamFault.Cut, FaultAfter = chunks };

    /// <summary>Ends the stream in good order, but without finish reason or <c>[DONE]</c>.</summary>
    public ChatReply EndEarlyAfter(int chunks) => this with { Fault = StreamFault.EndEarly, FaultAfter = chunks };

    /// <summary>Goes silent after this many content chunks, until the client goes away.</summary>
    public ChatReply StallAfter(int chunks) => this with { Fault = StreamFault.Stall, FaultAfter = chunks };

    /// <summary>Sends an event that is not JSON after this many content chunks, and goes on.</summary>
    public ChatReply MalformedAfter(int chunks) => this with { Fault = StreamFault.Malformed, FaultAfter = chunks };

    /// <summary>Sends an <c>error</c> object after this many content chunks, and ends.</summary>
    public ChatReply ErrorAfter(int chunks) => this with { Fault = StreamFault.Error, FaultAfter = chunks };

    public ChatReply SplitBytes(int bytesPerWrite = 1) => this with { BytesPerWrite = bytesPerWrite };

    public ChatReply WithCrLf() => this with { LineEnd = "\r\n" };

    public ChatReply WithComments() => this with { HasComments = true };

    internal override Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
        => request.IsStream
            ? new ChatStream(this, context, request, bill).RunAsync()
            : RespondWholeAsync(context, request, bill);

    internal ScriptedUsage TrueUsage(RecordedRequest request, int sent) => Usage ?? new(request.WordCount, sent);

    private async Task RespondWholeAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
    {
        for (var i = 0; Gate is not null && i <= Chunks.Count; i++)
            await Gate.PassAsync(context.RequestAborted);

        var usage = TrueUsage(request, Chunks.Count);
        bill.Add(usage);
        var answer = ChatJson.Completion(this, request);
        if (!HidesUsage)
            answer["usage"] = ChatJson.Usage(Claimed ?? usage);
        if (Fault is StreamFault.Cut)
        {
            context.Response.ContentLength = 4096;
            await context.Response.WriteAsync(answer.ToJsonString()[..8]);
            context.Abort();
            return;
        }

        context.Response.ContentType = "application/json";
        var text = Fault is StreamFault.Malformed ? "{\"choices\": [" : answer.ToJsonString();
        await context.Response.WriteAsync(text, context.RequestAborted);
    }
}

/// <summary>How a stream goes wrong.</summary>
public enum StreamFault
{
    None,
    Cut,
    EndEarly,
    Stall,
    Malformed,
    Error,
}
