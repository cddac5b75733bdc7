using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>Every target is the same scripted client.</summary>
public sealed class OneUpstream(ScriptedChatClient client) : IUpstreams
{
    public IChatClient Chat(UpstreamTarget target) => client;

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());
}
