using System.Net;
using System.Net.Sockets;

namespace OrleansChat.Testing;

/// <summary>
/// Ports for processes that cannot choose their own. They lie below those that kernels give to outgoing connections: one of these may take a port
/// between the moment at which a test found it free and the one at which its process listens.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 9_000;

    // Test runs beside this one begin elsewhere, and no two tests of this one are given the same.
    private static int _next = Environment.ProcessId * 61;

    /// <summary>A port that nobody listens on, and that no other test of this process is given.</summary>
    /// <returns>The port.</returns>
    public static int Next()
    {
        for (var tries = 0; ; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException) when (tries < Count)
            {
                // Somebody else's.
            }
        }
    }
}
