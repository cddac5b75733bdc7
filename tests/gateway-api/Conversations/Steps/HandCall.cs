using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>A call that an upstream has, and does nothing with until it is told what.</summary>
/// <param name="upstream">The upstream.</param>
/// <param name="host">Which host asks.</param>
/// <param name="question">The number of the question.</param>
/// <param name="request">The request.</param>
internal sealed class HandCall(string upstream, string host, int question, RecordedRequest request)
{
    private readonly Channel<Func<HttpContext, Task<bool>>> _orders = Channel.CreateUnbounded<Func<HttpContext, Task<bool>>>();
    private volatile bool _isOver;

    public string Upstream => upstream;

    public string Host => host;

    public int Question => question;

    public bool IsOver => _isOver;

    /// <summary>What the upstream is told, message by message.</summary>
    public IEnumerable<(string Role, string Content)> Told =>
        request.Body.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!));

    public override string ToString() => $"{upstream} is asked {question} by {host}{(IsOver ? ", over" : "")}";

    /// <summary>Does what it is told until that is the end, or nobody listens any more.</summary>
    public async Task PlayAsync(HttpContext context)
    {
        try
        {
            await foreach (var order in _orders.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (await order(context))
                    return;
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // It was left.
        }
        finally
        {
            _isOver = true;
        }
    }

    /// <summary>Has it say some pieces of text.</summary>
    public void Say(IEnumerable<string> pieces) => Order(async context =>
    {
        foreach (var piece in pieces)
            await SendAsync(context, Chunk(new { content = piece }, null));
        return false;
    });

    /// <summary>Has it end its answer.</summary>
    /// <param name="used">The tokens that it tells; null for none.</param>
    public void Finish((long Input, long Output)? used) => Order(async context =>
    {
        await SendAsync(context, Chunk(new { }, "stop"));
        if (request.WantsUsage && used is { } told)
        {
            var usage = new { prompt_tokens = told.Input, completion_tokens = told.Output, total_tokens = told.Input + told.Output };
            await SendAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = Array.Empty<object>(), usage });
        }

        await WriteAsync(context, "[DONE]");
        return true;
    });

    /// <summary>Has it fail before it has said anything.</summary>
    public void Refuse() => Order(async context =>
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        await context.Response.WriteAsync("""{"error":{"message":"The scripted upstream broke.","type":"server_error","code":null} }""", context.RequestAborted);
        return true;
    });

    /// <summary>Has its connection end.</summary>
    public void Cut() => Order(context =>
    {
        context.Abort();
        return Task.FromResult(true);
    });

    private void Order(Func<HttpContext, Task<bool>> order) => _orders.Writer.TryWrite(order);

    private static object Chunk(object delta, string? reason) =>
        new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta, finish_reason = reason } } };

    private static Task SendAsync(HttpContext context, object data) => WriteAsync(context, JsonSerializer.Serialize(data));

    private static async Task WriteAsync(HttpContext context, string data)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
