using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Reranking;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers.Voyage;

/// <summary>Voyage AI: embeddings, which tell questions from documents, and reranking.</summary>
/// <remarks>https://docs.voyageai.com/reference/embeddings-api: at most 1,000 texts and, for the larger models, 120,000 tokens a request.</remarks>
internal sealed class VoyageAdapter(UpstreamConnection connection, TimeProvider time) : IUpstreamAdapter
{
    private static readonly OpenAIEmbeddingOptions Options = new() { IsVoyage = true, MaxBatchCount = 256, MaxBatchTokens = 80_000 };

    public IOpenAIPassThrough? PassThrough => null;

    public IChatClient? Chat(string model) => null;

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(string model) => new OpenAIEmbeddingGenerator(connection, model, time, Options);

    public IReranker? Reranker(string model) => new HttpReranker(connection, model);

    public void Dispose() => connection.Dispose();
}
