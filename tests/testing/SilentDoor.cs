using System.Net;
using System.Net.Sockets;

namespace OrleansChat.Testing;

/// <summary>A server that takes connections and says nothing. A client that wants TLS never gets to send its request.</summary>
public sealed class SilentDoor : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <summary>Listens on a free port.</summary>
    public SilentDoor() => _listener.Start();

    /// <summary>Its base URL, over TLS.</summary>
    public string BaseUrl => $"https://{_listener.LocalEndpoint}/v1";

    /// <summary>The next connection.</summary>
    /// <returns>The connection; its end closes it.</returns>
    public Task<TcpClient> NextAsync() => _listener.AcceptTcpClientAsync();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
