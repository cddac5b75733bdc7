using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Sockets;

/// <summary>Every target says tokens that are the moments in which they were said, and then ends.</summary>
/// <param name="clock">The pace.</param>
/// <param name="tokens">Tokens of an answer.</param>
internal sealed class TokenUpstreams(TokenClock clock, int tokens) : IUpstreams, IChatClient
{
    public IChatClient Chat(UpstreamTarget target) => this;

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var moments = clock.Join();
        try
        {
            for (var token = 0; token < tokens; token++)
                yield return new ChatResponseUpdate(ChatRole.Assistant, $"{await moments.Reader.ReadAsync(cancellationToken)} ");
        }
        finally
        {
            clock.Leave(moments);
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
