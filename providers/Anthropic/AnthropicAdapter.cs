using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers.Anthropic;

/// <summary>An upstream that speaks Anthropic's protocol. It has chat and no embeddings.</summary>
internal sealed class AnthropicAdapter(UpstreamConnection connection) : IUpstreamAdapter
{
    private readonly AnthropicPassThrough _passThrough = new(connection);

    public IOpenAIPassThrough? PassThrough => null;

    public IAnthropicPassThrough AnthropicPassThrough => _passThrough;

    public IChatClient Chat(string model) => new AnthropicChatClient(connection, model);

    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings(string model) => null;

    public void Dispose() => connection.Dispose();
}
