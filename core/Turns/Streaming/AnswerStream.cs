using Microsoft.Extensions.AI;
using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>
/// One upstream call's answer as pieces of text. It stops at once when it is told to, even where the upstream's client does not listen,
/// and never splits a character.
/// </summary>
internal sealed class AnswerStream : IAsyncDisposable, IStreamedAnswer
{
    private readonly CancellationTokenSource _stop;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly StoppableMove _move;
    private char? _half;
    private string? _next;

    private AnswerStream(IChatClient client, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _updates = client.GetStreamingResponseAsync(messages, options, _stop.Token).GetAsyncEnumerator(_stop.Token);
        _move = new StoppableMove(_stop.Token);
    }

    /// <summary>Whether a piece is there that nobody has read.</summary>
    public bool HasNext => _next is not null;

    /// <summary>What the upstream says it used; null until it does.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>Why the model stopped; null until it says so.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Asks an upstream and waits for its first piece of text, or for the end of an empty answer.</summary>
    /// <param name="client">The upstream's client.</param>
    /// <param name="messages">What it is asked.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="stop">Ends the call at any time.</param>
    /// <param name="opening">Ends the wait for the first piece alone.</param>
    public static async ValueTask<AnswerStream> OpenAsync(
        IChatClient client, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken stop, CancellationToken opening)
    {
        var stream = new AnswerStream(client, messages, options, stop);
        try
        {
            await using (opening.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stream._stop))
                stream._next = await stream.PullAsync();

            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            opening.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>The next piece of text; null at the end.</summary>
    public async ValueTask<string?> ReadAsync()
    {
        if (_next is null)
            return await PullAsync();

        var next = _next;
        _next = null;
        return next;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _move.Close();
        if (_move.IsLeft)
        {
            // An enumerator must not be disposed while it moves, and whoever stops the turn must not wait for it.
            _ = DisposeLaterAsync();
            return;
        }

        await _updates.DisposeAsync();
        _stop.Dispose();
    }

    private async ValueTask<string?> PullAsync()
    {
        while (await MoveNextAsync())
        {
            var update = _updates.Current;
            FinishReason = update.FinishReason?.Value ?? FinishReason;
            foreach (var content in update.Contents)
            {
                if (content is UsageContent usage)
                    Usage = usage.Details;
            }

            if (Whole(update.Text) is { Length: > 0 } text)
                return text;
        }

        if (_half is not { } half)
            return null;

        _half = null;
        return half.ToString();
    }

    private ValueTask<bool> MoveNextAsync()
    {
        var move = _updates.MoveNextAsync();
        return move.IsCompleted ? move : _move.WaitAsync(move);
    }

    /// <summary>Holds the first half of a surrogate pair back until the second is there.</summary>
    private string Whole(string text)
    {
        if (text.Length == 0)
            return text;

        if (_half is { } half)
            text = half + text;

        _half = char.IsHighSurrogate(text[^1]) ? text[^1] : null;
        return _half is null ? text : text[..^1];
    }

    private async Task DisposeLaterAsync()
    {
        await _move.Ended;
        await _updates.DisposeAsync();
        _stop.Dispose();
    }
}
