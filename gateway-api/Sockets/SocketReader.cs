using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Reads whole messages from a socket. A silent socket holds no buffer.</summary>
internal sealed class SocketReader(WebSocket socket, GatewayOptions options)
{
    private const int ReadSize = 4 * 1024;

    private readonly BodyLimits _limits = new(options.MaxMessageCharacters);

    /// <summary>The next frame; null when the client has closed.</summary>
    /// <exception cref="RequestException">The frame is bad; it has been read to its end, so the next one can be read.</exception>
    /// <exception cref="WebSocketException">The connection broke, or the client broke the protocol.</exception>
    public async ValueTask<SocketFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        // An empty read waits for the next message without a buffer.
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        if (first.MessageType is WebSocketMessageType.Close)
            return null;

        var message = new ArrayBufferWriter<byte>(ReadSize);
        var isTooLarge = false;
        for (var isEnd = first.EndOfMessage; !isEnd;)
        {
            var result = await socket.ReceiveAsync(message.GetMemory(ReadSize), cancellationToken);
            if (result.MessageType is WebSocketMessageType.Close)
                return null;
            isTooLarge |= message.WrittenCount + result.Count > options.MaxFrameBytes;
            if (isTooLarge)
                message.ResetWrittenCount();
            else
                message.Advance(result.Count);
            isEnd = result.EndOfMessage;
        }

        if (first.MessageType is WebSocketMessageType.Binary)
            throw new RequestException(Problem.Of(ProblemCode.InvalidRequest, "Binary frames have no meaning here.", "Send JSON in text frames."));
        if (isTooLarge)
        {
            throw new RequestException(Problem.Of(
                ProblemCode.TooLarge, $"The frame is larger than {options.MaxFrameBytes} bytes.", "Send less at once, or raise OrleansChat:Gateway:MaxFrameBytes."));
        }

        using JsonDocument document = JsonBody.Parse(message.WrittenMemory, options.MaxJsonDepth);
        return SocketFrame.Read(document.RootElement, _limits);
    }
}
