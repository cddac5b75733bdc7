using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansChat.Bench.Overhead;

/// <summary>A client that spends as little as it can, so that what is measured is the server: one socket, one request written beforehand.</summary>
internal sealed class RawClient : ILoadClient
{
    private readonly Socket _socket;
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private RawClient(Socket socket, byte[] request)
    {
        _socket = socket;
        _request = request;
    }

    public static async Task<RawClient> ConnectAsync(string address, string body)
    {
        var uri = new Uri(address);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port));
        var head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: {uri.Authority}\r\nAuthorization: Bearer {GatewaySettings.Secret}\r\nContent-Type: application/json\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n";
        return new RawClient(socket, Encoding.ASCII.GetBytes(head + body));
    }

    /// <inheritdoc/>
    public async ValueTask AskAsync()
    {
        await _socket.SendAsync(_request);
        var filled = 0;
        do
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            if (read == 0)
                throw new InvalidOperationException($"The connection was closed after: {Encoding.UTF8.GetString(_buffer, 0, filled)}");
            filled += read;
        }
        while (!IsWhole(_buffer.AsSpan(0, filled)));

        if (!_buffer.AsSpan(0, filled).StartsWith("HTTP/1.1 200"u8))
            throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, filled));
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;

        var head = answer[..end];
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0)
            return answer.EndsWith("\r\n0\r\n\r\n"u8);

        var rest = head[(at + "Content-Length: ".Length)..];
        var line = rest.IndexOf((byte)'\r');
        return answer.Length - end - 4 >= int.Parse(line < 0 ? rest : rest[..line], CultureInfo.InvariantCulture);
    }
}
