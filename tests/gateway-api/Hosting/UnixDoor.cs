using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>
/// A Unix domain socket that a gateway listens on besides its port. What a client does not read fills one buffer of a fixed size, and the server's writes then wait
/// until it is read. TCP's windows grow by themselves, and let a little pass now and then.
/// </summary>
internal sealed class UnixDoor : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"orleanschat-{Guid.NewGuid():N}.sock");

    /// <summary>Has a gateway listen here.</summary>
    public void AddTo(KestrelServerOptions server)
    {
        // Whoever says where to listen says it all.
        server.Listen(IPAddress.Loopback, 0);
        server.ListenUnixSocket(_path);
    }

    /// <summary>A client of HTTP.</summary>
    public HttpClient Open() => new(Handler()) { BaseAddress = new Uri("http://localhost") };

    /// <summary>A chat socket.</summary>
    public async Task<SocketClient> OpenSocketAsync(string session)
    {
        var client = new SocketClient();
        using var invoker = new HttpMessageInvoker(Handler());
        await client.Socket.ConnectAsync(new Uri($"ws://localhost/chat/ws/client-1/{session}"), invoker, CancellationToken.None);
        return client;
    }

    public void Dispose() => File.Delete(_path);

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
