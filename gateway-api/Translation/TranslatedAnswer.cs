using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.Streams;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>The answer of an upstream that does not speak the client's protocol, written in the client's as it comes.</summary>
internal sealed class TranslatedAnswer : ICompletion, IStreamedAnswer
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly OpeningToken _opening;
    private readonly TranslationTarget _target;
    private readonly AnswerContents _contents = new();
    private UsageDetails? _usage;
    private ChatFinishReason? _reason;
    private bool _hasUpdate;

    private TranslatedAnswer(IAsyncEnumerator<ChatResponseUpdate> updates, OpeningToken opening, TranslationTarget target, bool hasUpdate)
    {
        _updates = updates;
        _opening = opening;
        _target = target;
        _hasUpdate = hasUpdate;
    }

    /// <summary>Asks the upstream and waits for its first update.</summary>
    public static async ValueTask<ICompletion> OpenAsync(
        IChatClient client, ChatPrompt prompt, TranslationTarget target, CancellationToken aborted, CancellationToken opening)
    {
        var token = new OpeningToken(aborted);
        return await token.OpenAsync<ICompletion>(
            async cancellationToken =>
            {
                var updates = client.GetStreamingResponseAsync(prompt.Messages, prompt.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                try
                {
                    return new TranslatedAnswer(updates, token, target, await updates.MoveNextAsync());
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
    public Task WriteAsync(HttpContext context) => _target.Heartbeats is { } clock ? StreamAsync(context, clock) : WholeAsync(context);

    /// <inheritdoc/>
    public IReadOnlyList<string> Fallbacks => _target.Fallbacks;

    /// <inheritdoc/>
    public TokenUsage Usage(Func<long> countInput) => CompletionUsage.Of(_usage, countInput, _contents.Tokens);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _updates.DisposeAsync();
        _opening.Dispose();
    }

    private AnswerEnd End()
    {
        // Some servers call tools and say "stop".
        var stopped = _reason is null || _reason == ChatFinishReason.Stop;
        var reason = stopped && _contents.HasCalls ? ChatFinishReason.ToolCalls : _reason ?? ChatFinishReason.Stop;
        return new AnswerEnd(reason, Usage(_target.CountInput));
    }

    private async Task WholeAsync(HttpContext context)
    {
        for (; _hasUpdate; _hasUpdate = await _updates.MoveNextAsync())
            Note(_updates.Current);

        context.Response.ContentType = "application/json";
        var end = End();
        await KeepAsync(end);
        _target.Writer.WriteWhole(context.Response.BodyWriter, _contents.Take(), end);
        await context.Response.BodyWriter.FlushAsync(_opening.Token);
    }

    private async Task StreamAsync(HttpContext context, HeartbeatClock clock)
    {
        using var stream = await EventStream.OpenAsync(context, clock);
        await stream.WriteAsync(_target.Writer, static (output, writer) => writer.Begin(output));
        while (_hasUpdate)
        {
            Note(_updates.Current);
            foreach (var content in _updates.Current.Contents)
                await stream.WriteAsync((_target.Writer, content), static (output, piece) => piece.Writer.Write(output, piece.content));

            var next = _updates.MoveNextAsync();
            if (!next.IsCompleted)
                await stream.FlushAsync();
            _hasUpdate = await next;
        }

        var end = End();
        await KeepAsync(end);
        await stream.WriteAsync((_target.Writer, End: end), static (output, last) => last.Writer.End(output, last.End));
        await stream.FlushAsync();
    }

    private ValueTask KeepAsync(AnswerEnd end) => _target.Keep?.Invoke(_contents.Take(), end) ?? ValueTask.CompletedTask;

    private void Note(ChatResponseUpdate update)
    {
        _reason = update.FinishReason ?? _reason;
        foreach (var content in update.Contents)
        {
            if (content is UsageContent { Details: var usage })
                _usage = usage;
            else
                _contents.Add(content);
        }
    }
}

/// <summary>Where a translated answer goes.</summary>
/// <param name="Writer">Writes it.</param>
/// <param name="CountInput">A close count of the input's tokens, for when the upstream reports none.</param>
/// <param name="Heartbeats">Keeps a stream alive; null where the answer is not streamed.</param>
internal sealed record TranslationTarget(IAnswerWriter Writer, Func<long> CountInput, HeartbeatClock? Heartbeats)
{
    /// <summary>The fallbacks by which it was found what is answered from.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <summary>Keeps the answer when it is whole, before its end is told; null to keep nothing.</summary>
    public Func<IReadOnlyList<AIContent>, AnswerEnd, ValueTask>? Keep { get; init; }
}
