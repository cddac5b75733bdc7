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

    /// <summary>A stream that has sent so many bytes without anything that is known here as a token has begun all the same.</summary>
    private const int MostHeldBytes = 64 * 1024;

    /// <summary>What a proxy that stands before an upstream answers in its place, with status 200 at times.</summary>
    private const string WebPage = "text/html";

    /// <summary>Who is still heard of so long after the call began is passed on, for what stands between here and the client cuts connections that are silent.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);

    private readonly UpstreamStream _upstream;
    private readonly OpeningToken _opening;
    private readonly IAnswerScanner _scanner;
    private readonly byte[] _buffer;
    private readonly ArrayBufferWriter<byte> _beginning = new();
    private bool _hasEnded;

    private PassThroughStream(UpstreamStream upstream, OpeningToken opening, IAnswerScanner scanner, byte[] buffer)
    {
        _upstream = upstream;
        _opening = opening;
        _scanner = scanner;
        _buffer = buffer;
    }

    private bool IsEventStream => _upstream.MediaType == "text/event-stream";

    /// <summary>Calls the upstream and waits for its first token, so that one that fails before it can be passed over.</summary>
    /// <param name="send">Calls the upstream.</param>
    /// <param name="scanner">Watches the stream.</param>
    /// <param name="request">Cancelled when the client goes away.</param>
    /// <param name="opening">Cancelled when the router's patience ends.</param>
    public static async ValueTask<ICompletion> OpenAsync(
        SendToUpstream send, IAnswerScanner scanner, CancellationToken request, CancellationToken opening)
    {
        var token = new OpeningToken(request);
        return await token.OpenAsync<ICompletion>(
            async cancellationToken =>
            {
                var upstream = await send(cancellationToken);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var stream = new PassThroughStream(upstream, token, scanner, buffer);
                    await stream.BeginAsync(cancellationToken);
                    return stream;
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
        response.BodyWriter.Write(_beginning.WrittenSpan);
        await response.BodyWriter.FlushAsync(_opening.Token);

        // Whoever has said all has not failed, whether it closes then or not.
        while (!_scanner.IsDone && await ReadAsync(response.BodyWriter, _opening.Token))
            await response.BodyWriter.FlushAsync(_opening.Token);

        _scanner.Complete(response.BodyWriter);
        await response.BodyWriter.FlushAsync(_opening.Token);
        if (_scanner is { IsWhole: false, HasError: false } && IsEventStream)
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

    /// <summary>
    /// Reads up to the first token. What comes before it, as a role and pings do, tells nothing of whether there will be an answer, so it is held back until then; so is
    /// a body in one piece, as some servers give it whatever they are asked for.
    /// </summary>
    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (_upstream.MediaType == WebPage)
            throw new UpstreamException(_upstream.UpstreamId, UpstreamFailure.Protocol, "the answer is a web page and no stream.");

        // Nor do they make its first token come in time.
        _upstream.CountsBytesAsTokens = !IsEventStream;
        while (await ReadAsync(_beginning, cancellationToken) && MayHold())
        {
            // Read on.
        }

        if (_hasEnded)
            _scanner.Complete(_beginning);
        if (FindFailure() is { } failure)
            throw failure;
        if (_hasEnded && !_scanner.HasContent && (IsEventStream || _beginning.WrittenCount == 0))
            throw new UpstreamException(_upstream.UpstreamId, UpstreamFailure.Protocol, "the stream ended before it began.");
        _upstream.SeeToken();
        _upstream.CountsBytesAsTokens = true;
    }

    private bool MayHold() => !_scanner.HasContent && _beginning.WrittenCount < MostHeldBytes && _upstream.Age < LongestHold;

    private async ValueTask<bool> ReadAsync(IBufferWriter<byte> forward, CancellationToken cancellationToken)
    {
        var read = _hasEnded ? 0 : await _upstream.Body.ReadAsync(_buffer, cancellationToken);
        _hasEnded = read == 0;
        _scanner.Scan(_buffer.AsSpan(0, read), forward);
        return !_hasEnded;
    }

    private UpstreamException? FindFailure()
    {
        if (!IsEventStream)
            return ReportedFailure.InAnswer(_beginning.WrittenSpan, _upstream.UpstreamId);

        return _scanner is { HasError: true, OutputTokens: 0 } ? ReportedFailure.InEvents(_beginning.WrittenSpan, _upstream.UpstreamId) : null;
    }
}

/// <summary>Calls an upstream.</summary>
internal delegate ValueTask<UpstreamStream> SendToUpstream(CancellationToken cancellationToken);
