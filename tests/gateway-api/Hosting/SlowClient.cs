using System.Net;
using System.Net.Sockets;
using OrleansChat.GatewayApi.Tests.Sockets;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>Connections with so small a window that a server soon waits for a client that does not read.</summary>
internal static class SlowClient
{
    private const int ReceiveBuffer = 4 * 1024;

    /// <summary>A client of HTTP.</summary>
    public static HttpClient Open(Uri address) => new(Handler()) { BaseAddress = address };

    /// <summary>A chat socket.</summary>
    public static async Task<SocketClient> OpenSocketAsync(Uri address, string session)
    {
        var slow = new SocketClient();
        using var invoker = new HttpMessageInvoker(Handler());
        await slow.Socket.ConnectAsync(new Uri($"ws://{address.Authority}/chat/ws/slow/{session}"), invoker, CancellationToken.None);
        return slow;
    }

    private static SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            // Before it connects: the window that it announces comes from this.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBuffer };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
