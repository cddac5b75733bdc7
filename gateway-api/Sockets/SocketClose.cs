using System.Net.WebSockets;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Why this server closes a socket; 4000 and above are an application's own (RFC 6455, 7.4.2).</summary>
internal static class SocketClose
{
    /// <summary>The server is going down; another takes the client.</summary>
    public const WebSocketCloseStatus GoingAway = WebSocketCloseStatus.EndpointUnavailable;

    /// <summary>The key that opened the socket is not valid any more.</summary>
    public const WebSocketCloseStatus KeyEnded = WebSocketCloseStatus.PolicyViolation;

    /// <summary>The socket was idle longest when another needed its place.</summary>
    public const WebSocketCloseStatus MadeRoom = (WebSocketCloseStatus)4001;

    /// <summary>The client reads too slowly; it may come back and resume.</summary>
    public const WebSocketCloseStatus TooSlow = (WebSocketCloseStatus)4002;
}
