using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansChat.Bench.Sockets;

/// <summary>One chat over a bare socket: what a client needs of RFC 6455 and no more, since two thousand of them share the machine with the server.</summary>
internal sealed class SocketChat : IDisposable
{
    private const int TextFrame = 0x81;
    private const int MaskBit = 0x80;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[2048];
    private int _filled;
    private long _sequence;
    private long? _retryAfter;

    /// <summary>How often the gate refused it for a while.</summary>
    public int Refusals { get; private set; }

    /// <summary>Connects and completes the handshake.</summary>
    public async Task OpenAsync(IPEndPoint server, int number)
    {
        await _socket.ConnectAsync(server);
        await _socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /chat/ws/c{number}/s{number}-{Guid.CreateVersion7()} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        while (_buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8) < 0)
            await FillAsync();
        if (!_buffer.AsSpan(0, _filled).StartsWith("HTTP/1.1 101"u8))
            throw new InvalidDataException(Encoding.ASCII.GetString(_buffer, 0, _filled));
        _filled = 0;
    }

    /// <summary>Chats once, to the turn's end. Where it is refused with a time to retry, it asks again then, as a client would.</summary>
    /// <param name="late">Told of each token's delay.</param>
    /// <returns>Events that came, each the next.</returns>
    public async Task<long> ChatAsync(Action<TimeSpan> late)
    {
        await AskAsync();
        while (true)
        {
            while (TryTake(out var frame, out var length))
            {
                var isEnd = Read(_buffer.AsSpan(frame, length), late);
                _filled -= frame + length;
                _buffer.AsSpan(frame + length, _filled).CopyTo(_buffer);
                if (isEnd)
                    return _sequence;
            }

            if (_retryAfter is { } seconds)
            {
                _retryAfter = null;
                await Task.Delay(TimeSpan.FromSeconds(seconds));
                await AskAsync();
            }

            await FillAsync();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask FillAsync()
    {
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled));
        if (read == 0)
            throw new InvalidDataException($"The server closed after event {_sequence}.");
        _filled += read;
    }

    private ValueTask AskAsync() => SendAsync("""{"type":"chat","data":{"message":"Hello"}}"""u8.ToArray());

    /// <summary>A client masks what it sends; a mask of zeros changes nothing.</summary>
    private async ValueTask SendAsync(byte[] text)
    {
        byte[] frame = [TextFrame, (byte)(MaskBit | text.Length), 0, 0, 0, 0, .. text];
        await _socket.SendAsync(frame);
    }

    private bool TryTake(out int start, out int length)
    {
        (start, length) = (2, _buffer[1] & 0x7F);
        if (_filled < 4)
            return false;
        if (length == 126)
            (start, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2)));
        return _filled >= start + length;
    }

    private bool Read(ReadOnlySpan<byte> frame, Action<TimeSpan> late)
    {
        if (frame.StartsWith("{\"type\":\"error\""u8))
        {
            _retryAfter = Number(frame, "\"status\":"u8) == 503 && Number(frame, "\"retryAfterSeconds\":"u8) is { } seconds
                ? seconds
                : throw new InvalidDataException(Encoding.UTF8.GetString(frame));
            Refusals++;
            return false;
        }

        if (Number(frame, "\"seq\":"u8) is not { } sequence)
            return false;
        if (sequence != ++_sequence)
            throw new InvalidDataException($"Event {sequence} came as number {_sequence}.");
        if (frame.IndexOf("\"token\""u8) >= 0 && Number(frame, "\"content\":\""u8) is { } said)
            late(TokenClock.Since(said));
        return frame.IndexOf("\"completed\""u8) >= 0;
    }

    private static long? Number(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name)
    {
        var at = frame.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(frame[(at + name.Length)..], out long number, out _) ? number : null;
    }
}
