using System.Net.Sockets;
using System.Text;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Fuzzing;

/// <summary>Requests that are broken below JSON: half of them, wrong framing, too much, gone in the middle.</summary>
public sealed class BrokenConnectionTests : IAsyncLifetime
{
    private const string Head = "POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(new OrleansChatOptions
    {
        Gateway = new GatewayOptions { MaxRequestBytes = 10_000, MaxJsonDepth = 8 },
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "400")]
    [InlineData("GET /live HTTP/1.1\r\n\r\n", "400")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "400")]
    [InlineData(Head + "Content-Length: -5\r\n\r\n", "400")]
    [InlineData(Head + "Content-Length: 20000\r\n\r\n", "413")]
    public async Task BrokenRequest_IsRefused(string request, string status)
    {
        var answer = await SendAsync(Encoding.ASCII.GetBytes(request), halfClose: false);
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    [Fact]
    public async Task ChunkedBodyThatIsTooLarge_IsRefused()
    {
        var answer = await SendAsync(Encoding.ASCII.GetBytes(Head + "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + new string('x', 65_535)), halfClose: false);
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{\"title\":")]
    [InlineData("Content-Length: 2\r\n\r\n{}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"")]
    public async Task HalfClosedSocket_IsAClientThatIsGone(string rest)
    {
        // Kestrel ends the response with the request's side; what matters is that nobody else notices.
        await SendAsync(Encoding.ASCII.GetBytes(Head + rest), halfClose: true);
        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":[[[[[[[[[[1]]]]]]]]]]}")]
    [InlineData("\ufeff{}")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("{\"title\":\"\\ud83d\\u0041\"}")]
    public async Task BodyThatIsNotStrictJson_IsAProblem(string body)
    {
        using var response = await _host.Client.PostAsync("/api/sessions", GatewayHost.Json(body));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task BodyThatIsNotUtf8_IsAProblemThatSaysSo()
    {
        using var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        content.Headers.ContentType = new("application/json");
        using var response = await _host.Client.PostAsync("/api/sessions", content);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("UTF-8", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(byte[] request, bool halfClose)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_host.Address.Host, _host.Address.Port, patience.Token);
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync(request, patience.Token);
            if (halfClose)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server had seen enough, and its answer can be read all the same.
        }

        try
        {
            var read = await socket.ReceiveAsync(buffer, patience.Token);
            return Encoding.ASCII.GetString(buffer, 0, read);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private async Task AssertAliveAsync()
    {
        using var response = await _host.Client.GetAsync("/ready");
        Assert.True(response.IsSuccessStatusCode);
    }
}
