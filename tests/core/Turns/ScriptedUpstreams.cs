using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>Upstreams by id, whichever model is asked for.</summary>
internal sealed class ScriptedUpstreams(IReadOnlyDictionary<string, ScriptedChatClient> clients) : IUpstreams
{
    public IChatClient Chat(UpstreamTarget target) => clients[target.Upstream];

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());
}
