using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Security;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/api/sessions")]
    [InlineData("/nowhere")]
    public async Task EveryAnswer_TellsBrowsersToMakeNothingOfIt(string path)
    {
        await using var host = await GatewayHost.StartAsync();
        using var response = await host.Client.GetAsync(path);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task APageOfAnotherSite_IsGivenNoRightToRead()
    {
        await using var host = await GatewayHost.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/chat");
        preflight.Headers.Add("Origin", "https://elsewhere.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var response = await host.Client.SendAsync(preflight);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("GET /live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /live HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n")]
    public async Task AnAmbiguousRequest_IsRefusedAndEndsItsConnection(string request)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await SendAsync(host, request);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
    }

    [Theory]
    [InlineData(200, 10, "431")]
    [InlineData(1, 40_000, "431")]
    public async Task AFloodOfHeaders_IsRefused(int count, int length, string status)
    {
        await using var host = await GatewayHost.StartAsync();
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('y', length)}\r\n"));
        Assert.StartsWith($"HTTP/1.1 {status}", await SendAsync(host, $"GET /live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFloodOfHeaders_FromManyConnections_LeavesOthersAlone()
    {
        await using var host = await GatewayHost.StartAsync();
        using var over = new CancellationTokenSource();
        var refused = new int[16];
        var flood = Enumerable.Range(0, refused.Length).Select(i => Task.Run(async () =>
        {
            var headers = i % 2 == 0
                ? string.Concat(Enumerable.Range(0, 500).Select(one => $"X-{one}: y\r\n"))
                : $"X-Long: {new string('y', 60_000)}\r\n";
            for (; !over.IsCancellationRequested; Interlocked.Increment(ref refused[i]))
                Assert.StartsWith("HTTP/1.1 431", await SendAsync(host, $"GET /live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"), StringComparison.Ordinal);
        })).ToList();
        await TestWait.UntilAsync(() => flood.Any(one => one.IsCompleted) || Enumerable.Range(0, refused.Length).All(i => Volatile.Read(ref refused[i]) > 0));

        for (var i = 0; i < 50; i++)
        {
            using var answer = await host.Client.PostAsync("/chat", GatewayHost.Json("""{"api_version":"v1","message":"Hi","session_id":"s"}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await over.CancelAsync();
        await Task.WhenAll(flood);
        Assert.All(refused, times => Assert.True(times > 0));
    }

    private static async Task<string> SendAsync(GatewayHost host, string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Address.Port, limit.Token);
        var stream = client.GetStream();
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        }
        catch (IOException)
        {
            // The server had seen enough, and its answer can be read all the same.
        }

        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, limit.Token)) > 0)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // The server cut the connection; what came before counts.
        }

        return answer.ToString();
    }
}
