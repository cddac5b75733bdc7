using Microsoft.Extensions.AI;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.Reranking;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers.OpenAI;

/// <summary>An upstream that speaks OpenAI's protocol: one connection pool under its chat, embeddings and raw path.</summary>
internal sealed class OpenAIAdapter(UpstreamConnection connection, UpstreamOptions options, TimeProvider time) : IUpstreamAdapter
{
    private readonly OpenAIPassThrough _passThrough = new(connection);

    public IOpenAIPassThrough PassThrough => _passThrough;

    public IChatClient Chat(string model) => new OpenAIChatClient(connection, model, options.MaxTokensField);

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(string model) => new OpenAIEmbeddingGenerator(connection, model, time);

    public IReranker? Reranker(string model) => new HttpReranker(connection, model);

    public void Dispose() => connection.Dispose();
}
