using System.Net;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Providers.Http;

/// <summary>A serialised request on its way out. It is read when there is a connection and the request's head has been written, and not at all if it was taken back before.</summary>
/// <param name="body">The bytes.</param>
/// <param name="prompt">Whether they have gone out; null where nobody asks.</param>
internal sealed class PromptContent(ReadOnlyMemory<byte> body, PromptDelivery? prompt) : HttpContent
{
    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        prompt?.TrySend() is false
            ? Task.FromException(new OperationCanceledException("The call was given up before it was sent."))
            : stream.WriteAsync(body, cancellationToken).AsTask();

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
