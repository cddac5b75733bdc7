using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Upstreams;

/// <summary>The configured upstreams as clients. Failures come as <see cref="Errors.UpstreamException"/>.</summary>
public interface IUpstreams
{
    /// <summary>A chat client of an upstream for one of its models. Shared, not to be disposed by the caller.</summary>
    /// <param name="target">The upstream and its model.</param>
    /// <returns>The client.</returns>
    /// <exception cref="Errors.RequestException">No such upstream, or it has no chat.</exception>
    IChatClient Chat(UpstreamTarget target);

    /// <summary>An embedding generator of an upstream for one of its models. Shared, not to be disposed by the caller.</summary>
    /// <param name="target">The upstream and its model, such as <c>builtin/hashing</c>.</param>
    /// <returns>The generator.</returns>
    /// <exception cref="Errors.RequestException">No such upstream, or it has no embeddings.</exception>
    IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target);
}
