using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>One <see cref="AnthropicReply"/> on its way out as server-sent events.</summary>
internal sealed class AnthropicStream(AnthropicReply reply, HttpContext context, RecordedRequest request, UpstreamBill bill)
{
    private int _sent;
    private bool _isBilled;
    private int _block;

    public async Task RunAsync()
    {
        context.Response.ContentType = "text/event-stream";
        try
        {
            var usage = AnthropicJson.Usage(reply, reply.TrueUsage(request, 0), outputTokens: 1);
            await SendAsync("message_start", new JsonObject { ["message"] = AnthropicJson.Head(request, [], null, usage) });
            await SendAsync("ping", []);
            if (reply.Thinking.Length > 0)
                await ThinkAsync();
            if (await SpeakAsync())
                return;
            await PassGateAsync();
            foreach (var call in reply.ToolCalls)
                await CallAsync(call);
            Charge();
            await SendAsync("message_delta", new JsonObject
            {
                ["delta"] = new JsonObject { ["stop_reason"] = reply.StopReason, ["stop_sequence"] = null },
                ["usage"] = new JsonObject { ["output_tokens"] = reply.TrueUsage(request, _sent).OutputTokens },
            });
            await SendAsync("message_stop", []);
        }
        finally
        {
            Charge();
        }
    }

    /// <summary>Writes the bill, once: before the client can see the end, so that whoever has seen it finds it billed.</summary>
    private void Charge()
    {
        if (_isBilled)
            return;

        _isBilled = true;
        bill.Add(_sent == reply.TextPieces.Count ? reply.TrueUsage(request, _sent) : new(reply.TrueUsage(request, _sent).InputTokens, _sent));
    }

    /// <summary>Sends the text; true when a fault has ended the stream.</summary>
    private async Task<bool> SpeakAsync()
    {
        if (reply.TextPieces.Count == 0)
            return await StrikeAsync();
        await BeginAsync(new JsonObject { ["type"] = "text", ["text"] = "" });
        foreach (var piece in reply.TextPieces)
        {
            if (await StrikeAsync())
                return true;
            await PassGateAsync();
            await DeltaAsync(new JsonObject { ["type"] = "text_delta", ["text"] = piece });
            _sent++;
            reply.Gate?.Sent();
        }

        if (await StrikeAsync())
            return true;
        await EndAsync();
        return false;
    }

    private async Task ThinkAsync()
    {
        await BeginAsync(new JsonObject { ["type"] = "thinking", ["thinking"] = "", ["signature"] = "" });
        await DeltaAsync(new JsonObject { ["type"] = "thinking_delta", ["thinking"] = reply.Thinking });
        await DeltaAsync(new JsonObject { ["type"] = "signature_delta", ["signature"] = AnthropicJson.Signature });
        await EndAsync();
    }

    private async Task CallAsync(ScriptedToolCall call)
    {
        await BeginAsync(new JsonObject { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Name, ["input"] = new JsonObject() });
        await DeltaAsync(new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = "" });
        foreach (var part in call.Arguments.Chunk(5))
            await DeltaAsync(new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = new string(part) });
        await EndAsync();
    }

    private async Task<bool> StrikeAsync()
    {
        if (reply.Fault is StreamFault.None || _sent != reply.FaultAfter)
            return false;
        switch (reply.Fault)
        {
            case StreamFault.Cut:
                await context.Response.Body.FlushAsync(context.RequestAborted);
                Charge();
                context.Abort();
                break;
            case StreamFault.Stall:
                await request.Disconnected;
                break;
            case StreamFault.Malformed:
                await WriteAsync("event: content_block_delta\ndata: {\"type\": \"content_block_delta\", \"delta\": {\"text\": \"secret\n\n");
                break;
            case StreamFault.Error:
                Charge();
                await SendAsync("error", new JsonObject { ["error"] = new JsonObject { ["type"] = reply.ErrorType, ["message"] = "Scripted." } });
                break;
        }

        return true;
    }

    private Task BeginAsync(JsonObject block) => SendAsync("content_block_start", new JsonObject { ["index"] = _block, ["content_block"] = block });

    private Task DeltaAsync(JsonObject delta) => SendAsync("content_block_delta", new JsonObject { ["index"] = _block, ["delta"] = delta });

    private Task EndAsync() => SendAsync("content_block_stop", new JsonObject { ["index"] = _block++ });

    private Task PassGateAsync() => reply.Gate?.PassAsync(context.RequestAborted) ?? Task.CompletedTask;

    private Task SendAsync(string type, JsonObject data)
    {
        data["type"] = type;
        return WriteAsync($"event: {type}\ndata: {data.ToJsonString(ScriptedUpstream.Json)}\n\n");
    }

    private async Task WriteAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var step = reply.BytesPerWrite > 0 ? reply.BytesPerWrite : bytes.Length;
        for (var at = 0; at < bytes.Length; at += step)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
