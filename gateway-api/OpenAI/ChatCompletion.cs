using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>The answer of an upstream that does not speak OpenAI's protocol, such as a built-in model, written in OpenAI's.</summary>
internal sealed class ChatCompletion : ICompletion
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly OpeningToken _opening;
    private readonly CompletionJson _json;
    private readonly CompletionRequest _request;
    private readonly StringBuilder _text = new();
    private UsageDetails? _usage;
    private string? _finishReason;
    private bool _hasNext;

    private ChatCompletion(IAsyncEnumerator<ChatResponseUpdate> updates, OpeningToken opening, CompletionJson json, CompletionRequest request, bool hasNext)
    {
        _updates = updates;
        _opening = opening;
        _json = json;
        _request = request;
        _hasNext = hasNext;
    }

    /// <summary>Asks the upstream and waits for its first update.</summary>
    public static async ValueTask<ICompletion> OpenAsync(
        IChatClient client,
        CompletionRequest request,
        ChatOptions options,
        CompletionJson json,
        CancellationToken aborted,
        CancellationToken opening)
    {
        var token = new OpeningToken(aborted);
        return await token.OpenAsync<ICompletion>(
            async cancellationToken =>
            {
                var updates = client.GetStreamingResponseAsync(CompletionMessages.ToChat(request), options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                try
                {
                    return new ChatCompletion(updates, token, json, request, await updates.MoveNextAsync());
                }
                catch
                {
                    await updates.DisposeAsync();
                    throw;
                }
            },
            opening);
    }

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext context) => _request.IsStream ? StreamAsync(context) : WholeAsync(context);

    /// <inheritdoc/>
    public TokenUsage Usage(long inputTokens) => CompletionUsage.Of(_usage, inputTokens, TokenEstimate.Count(_text.ToString()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _updates.DisposeAsync();
        _opening.Dispose();
    }

    private async Task WholeAsync(HttpContext context)
    {
        while (await NextAsync() is not null)
        {
        }

        context.Response.ContentType = "application/json";
        _json.WriteWhole(context.Response.BodyWriter, _text.ToString(), FinishReason, Usage(CompletionMessages.Count(_request)));
        await context.Response.BodyWriter.FlushAsync(_opening.Token);
    }

    private async Task StreamAsync(HttpContext context)
    {
        CompletionHeaders.SetStream(context, null);
        var output = context.Response.BodyWriter;
        _json.WriteRole(output);
        while (await NextAsync() is { } text)
        {
            if (text.Length > 0)
                _json.WriteDelta(output, text);
            await output.FlushAsync(_opening.Token);
        }

        _json.WriteEnd(output, FinishReason, _request.IncludesUsage ? Usage(CompletionMessages.Count(_request)) : null);
        await output.FlushAsync(_opening.Token);
    }

    private string FinishReason => _finishReason ?? "stop";

    /// <summary>The next update's text, which may be empty; null at the end.</summary>
    private async ValueTask<string?> NextAsync()
    {
        if (!_hasNext)
            return null;

        var update = _updates.Current;
        _finishReason = update.FinishReason?.Value ?? _finishReason;
        _usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? _usage;
        var text = update.Text;
        _text.Append(text);
        _hasNext = await _updates.MoveNextAsync();
        return text;
    }
}
