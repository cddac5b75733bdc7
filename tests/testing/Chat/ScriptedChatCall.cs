using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace OrleansChat.Testing.Chat;

/// <summary>One call of a <see cref="ScriptedChatClient"/>: what was asked, and what is answered.</summary>
/// <param name="messages">The messages.</param>
/// <param name="options">The options.</param>
/// <param name="stopped">The caller's token.</param>
public sealed class ScriptedChatCall(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken stopped)
{
    private readonly Channel<ChatResponseUpdate> _updates = Channel.CreateUnbounded<ChatResponseUpdate>();

    /// <summary>What was asked.</summary>
    public IReadOnlyList<ChatMessage> Messages => messages;

    /// <summary>How it was asked.</summary>
    public ChatOptions? Options => options;

    /// <summary>Cancelled when the caller stops the call.</summary>
    public CancellationToken Stopped => stopped;

    /// <summary>Whether the call ignores its token, as a bad client would.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Says a piece of the answer.</summary>
    /// <param name="text">The piece.</param>
    /// <returns>The same call.</returns>
    public ScriptedChatCall Say(string text) => Write(new ChatResponseUpdate(ChatRole.Assistant, text));

    /// <summary>Reports usage.</summary>
    /// <param name="input">Input tokens.</param>
    /// <param name="output">Output tokens.</param>
    /// <returns>The same call.</returns>
    public ScriptedChatCall Report(long input, long output) =>
        Write(new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output })]));

    /// <summary>Ends the answer.</summary>
    /// <param name="reason">Why it ends.</param>
    public void End(string reason = "stop")
    {
        Write(new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = new ChatFinishReason(reason) });
        _updates.Writer.Complete();
    }

    /// <summary>Breaks off.</summary>
    /// <param name="fault">What the caller sees.</param>
    public void Fail(Exception fault) => _updates.Writer.Complete(fault);

    /// <summary>Completes when the caller has stopped the call.</summary>
    /// <returns>A task.</returns>
    public Task WaitForStopAsync()
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stopped.Register(completion.SetResult);
        return completion.Task;
    }

    internal IAsyncEnumerable<ChatResponseUpdate> ReadAsync(CancellationToken cancellationToken) =>
        _updates.Reader.ReadAllAsync(IsDeaf ? CancellationToken.None : cancellationToken);

    private ScriptedChatCall Write(ChatResponseUpdate update)
    {
        _updates.Writer.TryWrite(update);
        return this;
    }
}
