using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>A chat client whose tokens are the moments in which they were said, as the machine's monotonic clock tells them.</summary>
internal sealed class PacedChatClient(Pacemaker pace) : IChatClient
{
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var beats = pace.Join();
        try
        {
            await foreach (var moment in beats.Reader.ReadAllAsync(cancellationToken))
                yield return new ChatResponseUpdate(ChatRole.Assistant, $"{moment} ");
        }
        finally
        {
            pace.Leave(beats);
        }
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
