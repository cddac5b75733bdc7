using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace OrleansChat.Testing.Chat;

/// <summary>A chat client that says what a test tells it to, step by step.</summary>
public sealed class ScriptedChatClient : IChatClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Channel<ScriptedChatCall> _calls = Channel.CreateUnbounded<ScriptedChatCall>();
    private int _count;

    /// <summary>Answers every call at once; null to let the test answer each through <see cref="NextCallAsync"/>.</summary>
    public Action<ScriptedChatCall>? Answer { get; set; }

    /// <summary>Calls so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits for the next call that was not waited for yet.</summary>
    /// <returns>The call.</returns>
    /// <exception cref="TimeoutException">None came within the time that a host takes to start again on a busy machine.</exception>
    public Task<ScriptedChatCall> NextCallAsync() => _calls.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _count);
        var call = new ScriptedChatCall([.. messages], options, cancellationToken);
        Answer?.Invoke(call);
        await _calls.Writer.WriteAsync(call, CancellationToken.None);
        await foreach (var update in call.ReadAsync(cancellationToken))
            yield return update;
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
