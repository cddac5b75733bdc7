using System.Buffers;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>A stream of an upstream that speaks the client's own protocol: its bytes go to the client as they arrive, and are only watched for usage.</summary>
internal sealed class PassThroughStream : ICompletion, IStreamedAnswer
{
    private const int BufferSize = 8 * 1024;

    private readonly UpstreamStream _upstream;
    private readonly OpeningToken _opening;
    private readonly IAnswerScanner _scanner;
    private readonly byte[] _buffer;
    private int _held;

    private PassThroughStream(UpstreamStream upstream, OpeningToken opening, IAnswerScanner scanner, byte[] buffer, int held)
    {
        _upstream = upstream;
        _opening = opening;
        _scanner = scanner;
        _buffer = buffer;
        _held = held;
    }

    /// <summary>Calls the upstream and waits for its first bytes, so that one that fails before them can be passed over.</summary>
    /// <param name="send">Calls the upstream.</param>
    /// <param name="scanner">Watches the stream.</param>
    /// <param name="readFailure">Reads a failure that stands in place of the stream's beginning.</param>
    /// <param name="request">Cancelled when the client goes away.</param>
    /// <param name="opening">Cancelled when the router's patience ends.</param>
    public static async ValueTask<ICompletion> OpenAsync(
        SendToUpstream send, IAnswerScanner scanner, ReadFailure readFailure, CancellationToken request, CancellationToken opening)
    {
        var token = new OpeningToken(request);
        return await token.OpenAsync<ICompletion>(
            async cancellationToken =>
            {
                var upstream = await send(cancellationToken);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var held = await upstream.Body.ReadAsync(buffer, cancellationToken);
                    if (held == 0)
                        throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, "the stream ended before it began.");
                    if (readFailure(buffer.AsSpan(0, held), upstream.UpstreamId) is { } failure)
                        throw failure;
                    return new PassThroughStream(upstream, token, scanner, buffer, held);
                }
                catch
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    await upstream.DisposeAsync();
                    throw;
                }
            },
            opening);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        CompletionHeaders.SetStream(context, _upstream.ContentType);
        while (_held > 0)
        {
            _scanner.Scan(_buffer.AsSpan(0, _held), response.BodyWriter);
            _held = 0;
            await response.BodyWriter.FlushAsync(_opening.Token);

            // Whoever has said all has not failed, whether it closes then or not.
            if (_scanner.IsDone)
                break;
            _held = await _upstream.Body.ReadAsync(_buffer, _opening.Token);
        }

        _scanner.Complete(response.BodyWriter);
        await response.BodyWriter.FlushAsync(_opening.Token);
        if (_scanner is { IsWhole: false, HasError: false } && _upstream.MediaType == "text/event-stream")
            throw new UpstreamException(_upstream.UpstreamId, UpstreamFailure.Protocol, "the stream ended before the answer did.");
    }

    /// <inheritdoc/>
    public bool HasError => _scanner.HasError;

    /// <inheritdoc/>
    public TokenUsage Usage(Func<long> countInput) => CompletionUsage.Of(_scanner.Usage, countInput, _scanner.OutputTokens);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_scanner.IsDone)
            await _upstream.DrainAsync();
        await _upstream.DisposeAsync();
        _opening.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }
}

/// <summary>Calls an upstream.</summary>
internal delegate ValueTask<UpstreamStream> SendToUpstream(CancellationToken cancellationToken);

/// <summary>Reads a failure that an upstream's stream begins with.</summary>
internal delegate UpstreamException? ReadFailure(ReadOnlySpan<byte> bytes, string upstream);
