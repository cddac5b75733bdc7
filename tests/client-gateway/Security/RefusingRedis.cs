using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansChat.ClientGateway.Tests.Security;

/// <summary>A server in place of Redis that knows no command, and repeats what it was sent, as Redis and proxies before it do.</summary>
internal sealed class RefusingRedis : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Action<string> _hear;

    public RefusingRedis(Action<string> hear)
    {
        _hear = hear;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RefuseAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RefuseAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                while (await reader.ReadLineAsync() is ['*', .. var count])
                {
                    var words = new List<string>();
                    for (var i = int.Parse(count, System.Globalization.CultureInfo.InvariantCulture); i > 0; i--)
                    {
                        await reader.ReadLineAsync();
                        words.Add(await reader.ReadLineAsync() ?? "");
                    }

                    _hear(string.Join(' ', words));
                    var error = $"-ERR unknown command '{words[0]}', with args beginning with: {string.Join(' ', words.Skip(1).Select(word => $"'{word}'"))}\r\n";
                    await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(error));
                }
            }
            catch (Exception fault) when (fault is IOException or ObjectDisposedException)
            {
                // The client has gone.
            }
        }
    }
}
