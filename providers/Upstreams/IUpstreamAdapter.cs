using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Anthropic;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Upstreams;

/// <summary>What one upstream can do, in the terms of the protocol it speaks. Null says that it cannot.</summary>
internal interface IUpstreamAdapter : IDisposable
{
    /// <summary>A chat client for one of its models.</summary>
    IChatClient? Chat(string model);

    /// <summary>An embedding generator for one of its models.</summary>
    IEmbeddingGenerator<string, Embedding<float>>? Embeddings(string model);

    /// <summary>A reranker for one of its models.</summary>
    IReranker? Reranker(string model) => null;

    /// <summary>The raw path, if it speaks OpenAI's protocol.</summary>
    IOpenAIPassThrough? PassThrough { get; }

    /// <summary>The raw path, if it speaks Anthropic's protocol.</summary>
    IAnthropicPassThrough? AnthropicPassThrough => null;
}
