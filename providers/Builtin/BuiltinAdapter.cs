using Microsoft.Extensions.AI;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers.Builtin;

/// <summary>What is answered in this process, with no key, no download and no network.</summary>
internal sealed class BuiltinAdapter(TimeProvider time) : IUpstreamAdapter
{
    /// <summary>The upstream's id, which no setting can take.</summary>
    public const string Id = "builtin";

    private const string Extractive = "extractive";
    private const string Hashing = "hashing";

    private readonly HashingEmbeddingGenerator _hashing = new();

    public IOpenAIPassThrough? PassThrough => null;

    public IChatClient? Chat(string model) => model == Extractive ? new ExtractiveChatClient(time) : null;

    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings(string model) => model == Hashing ? _hashing : null;

    public void Dispose() => _hashing.Dispose();
}
