using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The upstream of one set of silos: every target is the scripted client of the test that runs now.</summary>
internal sealed class ReplaceableUpstream : IUpstreams
{
    /// <summary>The client of the test that runs now.</summary>
    public ScriptedChatClient Client { get; set; } = new();

    public IChatClient Chat(UpstreamTarget target) => Client;

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());
}
