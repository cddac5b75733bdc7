using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>One call as an upstream had it.</summary>
internal sealed class PlayedCall(string upstream, Question question, int number, RecordedRequest request, Task released, TimeProvider clock)
{
    /// <summary>What an upstream says that ends its answer with an error.</summary>
    public const string Error = "The scripted upstream broke.";

    /// <summary>How long a caller is to stay away after a 429, in seconds.</summary>
    public const int Cooldown = 2;

    private readonly Plan _plan = question.PlanOf(number);
    private readonly IReadOnlyList<string> _pieces = question.PiecesOf(number);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began = clock.GetTimestamp();
    private volatile int _sent;
    private volatile bool _isWaiting;
    private volatile bool _isSilent;
    private bool _hasBroken;

    public string Upstream => upstream;

    public Question Question => question;

    /// <summary>Its place among the calls of its question.</summary>
    public int Number => number;

    public Plan Plan => _plan;

    /// <summary>What the upstream is told, message by message.</summary>
    public IEnumerable<(string Role, string Content)> Told =>
        request.Body.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!));

    /// <summary>Pieces sent.</summary>
    public int Sent => _sent;

    /// <summary>Whether it waits for the round.</summary>
    public bool IsHeld => _isWaiting && !IsOver;

    /// <summary>Whether it waits for the gateway to lose its patience.</summary>
    public bool IsSilent => _isSilent && !IsOver;

    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>How it ended.</summary>
    public CallEnd End { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>When it ended, in ticks.</summary>
    public long Ended { get; private set; }

    /// <summary>Whether its answer is sent piece by piece.</summary>
    public bool IsStream => request.IsStream;

    public override string ToString() =>
        $"{upstream} is asked {question.Number} as call {number} ({(IsStream ? "stream" : "whole")}): {_plan.Fate} after {_plan.FaultAfter} of {_plan.Pieces}, holds after {_plan.HoldsAfter}, "
        + $"{_plan.Input} and {_plan.Output} tokens: {End} after {_sent} pieces and {Took}";

    /// <summary>Whether a caller has got all that was sent.</summary>
    public bool IsSeenBy(Ask ask) => _sent > 0 && ask.Question == question && ask.Body.Contains(_pieces[_sent - 1], StringComparison.Ordinal);

    /// <summary>Does with the call what its plan says.</summary>
    public async Task PlayAsync(HttpContext context)
    {
        try
        {
            await HoldAsync(Plan.BeforeAnything, context);
            End = _plan.Fate switch
            {
                Fate.Refuses => await RefuseAsync(context, StatusCodes.Status500InternalServerError),
                Fate.EndsWithAnError when !IsStream => await RefuseAsync(context, StatusCodes.Status500InternalServerError),
                Fate.Limits => await RefuseAsync(context, StatusCodes.Status429TooManyRequests),
                Fate.Drops => Cut(context, CallEnd.Failed),
                Fate.IsSilent => await FallSilentAsync(),
                _ => IsStream ? await StreamAsync(context) : await AnswerAsync(context),
            };
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            End = _hasBroken ? CallEnd.Broken : CallEnd.Left;
        }
        finally
        {
            (Took, Ended) = (clock.GetElapsedTime(_began), clock.GetTimestamp());
            _over.SetResult();
        }
    }

    private static CallEnd Cut(HttpContext context, CallEnd end)
    {
        context.Abort();
        return end;
    }

    private static async Task<CallEnd> RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = $"{Cooldown}";
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"error":{"message":"{{Error}}","type":"server_error","code":null} }""", context.RequestAborted);
        return CallEnd.Failed;
    }

    private async Task<CallEnd> FallSilentAsync()
    {
        _isSilent = true;
        await request.Disconnected;
        return CallEnd.Left;
    }

    private async Task<CallEnd> AnswerAsync(HttpContext context)
    {
        if (_plan.HoldsAfter > 0)
            await HoldAsync(_plan.HoldsAfter.Value, context);
        var message = new { index = 0, message = new { role = "assistant", content = string.Concat(_pieces) }, finish_reason = "stop" };
        var answer = JsonSerializer.Serialize(new { id = "c", @object = "chat.completion", created = 1, model = "m", choices = new[] { message }, usage = Usage });
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        if (_plan.Fate is not (Fate.Breaks or Fate.FallsSilent))
        {
            await context.Response.WriteAsync(answer, context.RequestAborted);
            _sent = _pieces.Count;
            return CallEnd.Whole;
        }

        await context.Response.WriteAsync(answer[..8], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        return _plan.Fate is Fate.Breaks ? Cut(context, CallEnd.Failed) : await FallSilentAsync();
    }

    private async Task<CallEnd> StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var piece in _pieces)
        {
            await SendAsync(context, Chunk(new { content = piece }, null));
            _sent++;
            await HoldAsync(_sent, context);
            if (_sent != _plan.FaultAfter)
                continue;

            switch (_plan.Fate)
            {
                case Fate.Breaks:
                    return Cut(context, CallEnd.Broken);
                case Fate.EndsWithAnError:
                    // Whoever reads it may be gone before the end of its sending.
                    _hasBroken = true;
                    await SendAsync(context, new { error = new { message = Error, type = "server_error" } });
                    return CallEnd.Broken;
                case Fate.FallsSilent:
                    return await FallSilentAsync();
            }
        }

        await SendAsync(context, Chunk(new { }, "stop"));
        if (request.WantsUsage && Usage is { } usage)
            await SendAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = Array.Empty<object>(), usage });
        await WriteAsync(context, "[DONE]");
        return CallEnd.Whole;
    }

    private object? Usage => _plan.Fate is Fate.HidesUsage ? null : new { prompt_tokens = _plan.Input, completion_tokens = _plan.Output, total_tokens = _plan.Input + _plan.Output };

    private static object Chunk(object delta, string? reason) =>
        new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta, finish_reason = reason } } };

    private static Task SendAsync(HttpContext context, object data) => WriteAsync(context, JsonSerializer.Serialize(data));

    private static async Task WriteAsync(HttpContext context, string data)
    {
        await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private async Task HoldAsync(int sent, HttpContext context)
    {
        if (_plan.HoldsAfter != sent)
            return;

        _isWaiting = true;
        await released.WaitAsync(context.RequestAborted);
        _isWaiting = false;
    }
}

/// <summary>How a call ended, as its upstream saw it.</summary>
internal enum CallEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>To its last byte.</summary>
    Whole,

    /// <summary>Without an answer: nothing is charged.</summary>
    Failed,

    /// <summary>In the middle of an answer, by the upstream.</summary>
    Broken,

    /// <summary>By the gateway, before the upstream was done.</summary>
    Left,
}
