using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>One <see cref="ChatReply"/> on its way out as server-sent events.</summary>
internal sealed class ChatStream(ChatReply reply, HttpContext context, RecordedRequest request, UpstreamBill bill)
{
    private int _sent;
    private bool _isBilled;

    public async Task RunAsync()
    {
        context.Response.ContentType = "text/event-stream";
        try
        {
            await SendAsync(ChatJson.Chunk(request, new JsonObject { ["role"] = "assistant", ["content"] = "" }));
            foreach (var chunk in reply.Chunks)
            {
                if (await StrikeAsync())
                    return;
                await PassGateAsync();
                await SendAsync(ChatJson.Chunk(request, new JsonObject { ["content"] = chunk }));
                _sent++;
                reply.Gate?.Sent();
            }

            if (await StrikeAsync())
                return;
            await PassGateAsync();
            await FinishAsync();
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
        bill.Add(_sent == reply.Chunks.Count ? reply.TrueUsage(request, _sent) : new(reply.TrueUsage(request, _sent).InputTokens, _sent));
    }

    private async Task FinishAsync()
    {
        Charge();
        foreach (var delta in ChatJson.ToolCallDeltas(reply.ToolCalls))
            await SendAsync(ChatJson.Chunk(request, delta));
        await SendAsync(ChatJson.Chunk(request, [], reply.FinishReason));
        if (request.WantsUsage && !reply.HidesUsage)
            await SendAsync(ChatJson.UsageChunk(request, reply.Claimed ?? reply.TrueUsage(request, _sent)));
        await WriteEventAsync("[DONE]");
    }

    /// <summary>Does what the script says goes wrong here; true when the stream is over.</summary>
    private async Task<bool> StrikeAsync()
    {
        if (reply.Fault is StreamFault.None || _sent != reply.FaultAfter)
            return false;

        await PassGateAsync();
        switch (reply.Fault)
        {
            case StreamFault.Cut:
                await context.Response.Body.FlushAsync(context.RequestAborted);
                Charge();
                context.Abort();
                return true;
            case StreamFault.Stall:
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await request.Disconnected;
                return true;
            case StreamFault.Malformed:
                await WriteEventAsync("{\"choices\": [{\"delta\": {\"content\": \"secret");
                return false;
            case StreamFault.Error:
                Charge();
                await WriteEventAsync("""{"error":{"message":"The scripted server is overloaded.","type":"server_error","code":null}}""");
                return true;
            default:
                return true;
        }
    }

    private Task PassGateAsync() => reply.Gate?.PassAsync(context.RequestAborted) ?? Task.CompletedTask;

    private Task SendAsync(JsonObject chunk) => WriteEventAsync(chunk.ToJsonString(ScriptedUpstream.Json));

    private async Task WriteEventAsync(string data)
    {
        var comment = reply.HasComments ? $": keep-alive{reply.LineEnd}{reply.LineEnd}" : "";
        var bytes = Encoding.UTF8.GetBytes($"{comment}data: {data}{reply.LineEnd}{reply.LineEnd}");
        var step = reply.BytesPerWrite > 0 ? reply.BytesPerWrite : bytes.Length;
        for (var at = 0; at < bytes.Length; at += step)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
