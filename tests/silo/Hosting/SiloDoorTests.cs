using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
using OrleansChat.Silo.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.Silo.Tests.Hosting;

/// <summary>The silo's own port meets browsers and connections as a gateway's does.</summary>
public sealed class SiloDoorTests
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";
    private const string Ambiguous =
        "GET /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Fact]
    public async Task EveryAnswer_TellsBrowsersToMakeNothingOfIt_ButThePageOfTheDashboard()
    {
        await using var silo = await StartAsync();
        foreach (var path in (string[])["/live", "/ready", "/health", "/metrics", "/nowhere", "/api/incidents", "/dashboard/"])
            Assert.Equal(Nothing, await PolicyOfAsync(silo, path));

        silo.Http.DefaultRequestHeaders.Add("x-api-key", "admin-secret");
        Assert.Equal(Nothing, await PolicyOfAsync(silo, "/api/incidents"));
        var page = await PolicyOfAsync(silo, "/dashboard/");
        Assert.Contains("default-src 'none'; connect-src 'self'; script-src 'self';", page, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", page, StringComparison.Ordinal);

        // What the page loads comes from this port, as its policy says.
        var source = await silo.Http.GetStringAsync("/dashboard/");
        Assert.Contains("<script", source, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", source, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", source, StringComparison.Ordinal);
    }

    // Whoever passes requests on may have gone by the length, and have taken the second request for a body.
    [Fact]
    public async Task AnAmbiguousRequest_IsRefusedAndEndsItsConnection()
    {
        await using var silo = await StartAsync();
        using var patience = new CancellationTokenSource(TestWait.Limit);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, silo.Port, patience.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Ambiguous), patience.Token);
        var answer = await ReadAsync(client.GetStream(), patience.Token);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
    }

    [Fact]
    public void Connections_AreLimitedAsAGatewaysAre()
    {
        var options = new OrleansChatOptions { Gateway = new GatewayOptions { MaxRequestBytes = 12_345 } };
        using var host = new HostBuilder().ConfigureWebHost(web => web.UseSiloDoor(options)).Build();
        var server = host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

        Assert.False(server.AddServerHeader);
        Assert.Equal((12_345, 100, 32 * 1024, 8 * 1024),
            (server.Limits.MaxRequestBodySize, server.Limits.MaxRequestHeaderCount, server.Limits.MaxRequestHeadersTotalSize, server.Limits.MaxRequestLineSize));
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(2)), (server.Limits.RequestHeadersTimeout, server.Limits.KeepAliveTimeout));
        Assert.Equal((240, 240), (server.Limits.MinRequestBodyDataRate?.BytesPerSecond, server.Limits.MinResponseDataRate?.BytesPerSecond));
    }

    private static async Task<SiloProcess> StartAsync()
    {
        var silo = SiloProcess.Start("--local", "--OrleansChat:ApiKeys:0:Id=ann", "--OrleansChat:ApiKeys:0:Secret=admin-secret", "--OrleansChat:ApiKeys:0:Admin=true");
        await silo.WaitForAsync("/ready", HttpStatusCode.OK);
        return silo;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken patience)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, patience)) > 0)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // The server cut the connection; what came before counts.
        }

        return answer.ToString();
    }

    private static async Task<string> PolicyOfAsync(SiloProcess silo, string path)
    {
        using var response = await silo.Http.GetAsync(path);
        Assert.Equal(("nosniff", "DENY", "no-referrer", "same-origin", false),
            (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Referrer-Policy"), Header("Cross-Origin-Resource-Policy"), response.Headers.Contains("Server")));
        return Header("Content-Security-Policy");

        string Header(string name) => Assert.Single(response.Headers.GetValues(name));
    }
}
