using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>
/// The raw path to an OpenAI-compatible upstream: a body already serialised goes out as it is, and the answer's bytes come back as
/// they are, so that fields this product does not know pass both ways.
/// </summary>
public interface IOpenAIPassThrough
{
    /// <summary>Sends a body and returns when the headers of a successful answer are there.</summary>
    /// <param name="path">Path below the base URL, such as <c>/chat/completions</c>.</param>
    /// <param name="body">The JSON body.</param>
    /// <param name="stream">Whether the body asks for a stream.</param>
    /// <param name="prompt">Told whether the body has gone out; null for nobody.</param>
    /// <param name="cancellationToken">Ends the call, the reading of its body included, and closes the connection.</param>
    /// <returns>The answer, to be disposed; its status is always 2xx.</returns>
    /// <exception cref="Core.Errors.UpstreamException">The upstream failed before an answer began; so do reads of the body later on.</exception>
    ValueTask<UpstreamStream> SendAsync(string path, ReadOnlyMemory<byte> body, bool stream, PromptDelivery? prompt = null, CancellationToken cancellationToken = default);
}

/// <summary>The raw path over an upstream's connection. Any byte received counts as a token for the timeouts.</summary>
/// <param name="connection">The upstream's connection, which belongs to whoever made it.</param>
public sealed class OpenAIPassThrough(UpstreamConnection connection) : IOpenAIPassThrough
{
    /// <inheritdoc/>
    public ValueTask<UpstreamStream> SendAsync(string path, ReadOnlyMemory<byte> body, bool stream, PromptDelivery? prompt = null, CancellationToken cancellationToken = default)
        => connection.SendAsync(new UpstreamRequest(path, body, stream) { Prompt = prompt }, cancellationToken);
}
