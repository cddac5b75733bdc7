using System.Net;
using System.Net.Sockets;
using OrleansChat.GatewayApi.Tests.Sockets;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>A connection with so small a window that a server soon waits for a client that does not read.</summary>
internal sealed class SlowClient
{
    private const int SmallBuffer = 4 * 1024;
    private const int LargeBuffer = 1024 * 1024;

    private Socket? _connection;

    /// <summary>A client of HTTP.</summary>
    public HttpClient Open(Uri address) => new(Handler()) { BaseAddress = address };

    /// <summary>
    /// Lets it read like any other client. Through a window that is smaller than a segment of the loopback, kernels send a little at each tick of a timer, and a
    /// frame takes half a minute.
    /// </summary>
    public void ReadOn() => _connection!.ReceiveBufferSize = LargeBuffer;

    /// <summary>A chat socket.</summary>
    public async Task<SocketClient> OpenSocketAsync(Uri address, string session)
    {
        var slow = new SocketClient();
        using var invoker = new HttpMessageInvoker(Handler());
        await slow.Socket.ConnectAsync(new Uri($"ws://{address.Authority}/chat/ws/slow/{session}"), invoker, CancellationToken.None);
        return slow;
    }

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            // Before it connects: the window that it announces comes from this.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SmallBuffer };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellationToken);
            _connection = socket;
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
