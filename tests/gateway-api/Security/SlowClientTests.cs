using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Security;

/// <summary>Clients that open a connection and then hardly send anything do not keep it.</summary>
public sealed class SlowClientTests
{
    [Theory]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")]
    [InlineData("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")]
    public async Task Request_ThatDoesNotCome_IsEndedWithATimeoutAndOthersAreServed(string beginning)
    {
        await using var host = await GatewayHost.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning));

        // The server's own limits end it, after 5 and 15 seconds.
        using var patience = new CancellationTokenSource(TestWait.Limit);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(patience.Token), StringComparison.Ordinal);
        await reader.ReadToEndAsync(patience.Token);
        using var other = await host.Client.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }
}
