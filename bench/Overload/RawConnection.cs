using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansChat.Bench.Overload;

/// <summary>
/// A connection that sends the same request over and over, with as little of the processor as possible: the load shares it with the server, and what the client needs for itself would
/// be measured as the server's time.
/// </summary>
internal sealed class RawConnection(Uri server, byte[] request) : IDisposable
{
    private const int AtATime = 128;

    private static readonly byte[] End = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly byte[] _buffer = new byte[16 * 1024];
    private Socket? _socket;

    /// <summary>A request for a completion, as it goes over the wire.</summary>
    public static byte[] Completion(Uri server, string key)
    {
        const string body = """{"model":"default","messages":[{"role":"user","content":"Hello"}]}""";
        return Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {server.Authority}\r\nx-api-key: {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    /// <summary>Sends one request over each connection, a few at a time.</summary>
    public static async Task OpenAsync(IEnumerable<RawConnection> connections)
    {
        foreach (var few in connections.Chunk(AtATime))
            await Task.WhenAll(few.Select(static connection => connection.AskAsync()));
    }

    /// <summary>Sends the request and reads the answer.</summary>
    /// <returns>The answer's status, 0 where the connection broke, and the time to its last byte.</returns>
    public async Task<(int Status, double Milliseconds)> AskAsync()
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            _socket ??= await ConnectAsync();
            await _socket.SendAsync(request);
            var status = await ReadAsync(_socket);
            return (status, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (SocketException)
        {
            Dispose();
            return (0, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new DnsEndPoint(server.Host, server.Port));
        return socket;
    }

    private async Task<int> ReadAsync(Socket socket)
    {
        for (var read = 0; ;)
        {
            var count = await socket.ReceiveAsync(_buffer.AsMemory(read));
            if (count == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            read += count;
            if (IsWhole(_buffer.AsSpan(0, read)))
                return int.Parse(_buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        var head = bytes.IndexOf(End);
        if (head < 0)
            return false;
        var name = "Content-Length: "u8;
        if (bytes[..head].IndexOf(name) is >= 0 and var at)
        {
            var digits = bytes[(at + name.Length)..];
            return bytes.Length == head + End.Length + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
        }

        return bytes[head..].EndsWith(LastChunk);
    }
}
