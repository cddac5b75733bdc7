using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>Every target is an upstream that says a token every 20 ms and never ends.</summary>
internal sealed class PacedUpstreams(TimeProvider time) : IUpstreams, IDisposable
{
    private readonly PacedChatClient _client = new(new Pacemaker(time));

    public IChatClient Chat(UpstreamTarget target) => _client;

    public void Dispose() => _client.Dispose();

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());
}
