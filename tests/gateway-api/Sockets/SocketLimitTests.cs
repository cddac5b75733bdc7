using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sockets;

public sealed class SocketLimitTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Theory]
    [InlineData(2, 100)]
    [InlineData(100, 2)]
    public async Task Open_WhenFull_ClosesTheLongestIdleOneWithACodeAndAReason(int maxOpen, int maxPerKey)
    {
        await using var host = await StartAsync(new SocketOptions { MaxOpen = maxOpen, MaxOpenPerKey = maxPerKey });
        using var first = await SocketClient.OpenAsync(host.Address, "first");
        using var second = await SocketClient.OpenAsync(host.Address, "second");
        await first.SendAsync(new { type = "ping" });
        await first.ReceiveAsync();

        using var third = await SocketClient.OpenAsync(host.Address, "third");

        Assert.Equal(JsonValueKind.Undefined, (await second.ReceiveAsync()).ValueKind);
        Assert.Equal(4001, (int)second.Socket.CloseStatus!);
        Assert.Contains("Idle longest", second.Socket.CloseStatusDescription, StringComparison.Ordinal);
        await third.SendAsync(new { type = "ping" });
        await first.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await third.ReceiveAsync()));
        Assert.Equal("pong", SocketClient.Type(await first.ReceiveAsync()));
    }

    [Fact]
    public async Task Open_WhenAllStream_IsRefused_AndClosesNone()
    {
        await using var host = await StartAsync(new SocketOptions { MaxOpen = 1 });
        using var gate = new StreamGate();
        _upstream.Enqueue(Reply.Pieces("late").GatedBy(gate));
        using var streaming = await SocketClient.OpenAsync(host.Address, "streaming");
        await streaming.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        await streaming.ReceiveAsync();

        using var refused = new ClientWebSocket();
        refused.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(new Uri($"ws://{host.Address.Authority}/chat/ws/c/other"), default));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.HttpStatusCode);
        gate.Open();
        Assert.Equal("completed", (await streaming.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Client_ThatGivesNoSignOfLife_IsGivenUp()
    {
        await using var host = await StartAsync(new SocketOptions { PingInterval = TimeSpan.FromMilliseconds(100), PongTimeout = TimeSpan.FromMilliseconds(100) });
        using var dead = new TcpClient();
        await dead.ConnectAsync(IPAddress.Loopback, host.Address.Port);
        var stream = dead.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /chat/ws/c/dead HTTP/1.1\r\nHost: {host.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));

        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        var received = 0;
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
                received += read;
        }
        catch (IOException)
        {
            // Reset is as good an end as any.
        }

        Assert.True(received > 0);
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("https://chat.example", HttpStatusCode.SwitchingProtocols)]
    [InlineData("http://localhost:3000", HttpStatusCode.SwitchingProtocols)]
    public async Task Handshake_OfAPage_DependsOnItsOrigin(string origin, HttpStatusCode status)
    {
        await using var host = await StartAsync(new SocketOptions { AllowedOrigins = ["https://chat.example/"] }, secret: "sk-a");
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.SetRequestHeader("x-api-key", "sk-a");

        if (status == HttpStatusCode.SwitchingProtocols)
            await socket.ConnectAsync(new Uri($"ws://{host.Address.Authority}/chat/ws/c/s"), default);
        else
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{host.Address.Authority}/chat/ws/c/s"), default));

        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Drain_OfATurnThatDoesNotEnd_SaysWhereToResume()
    {
        await using var host = await StartAsync(new SocketOptions(), drain: TimeSpan.FromSeconds(4));
        using var gate = new StreamGate();
        _upstream.Enqueue(Reply.Pieces("one", "two").GatedBy(gate));
        using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await socket.ReceiveAsync()).GetProperty("turnId").GetString();
        await socket.ReceiveAsync();
        gate.Release();
        var token = await socket.ReceiveAsync();

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var away = await socket.ReceiveAsync();

        Assert.Equal(("going_away", "draining"), (SocketClient.Type(away), away.GetProperty("reason").GetString()));
        Assert.Equal(turnId, away.GetProperty("data").GetProperty("turnId").GetString());
        Assert.Equal(token.GetProperty("seq").GetInt64(), away.GetProperty("data").GetProperty("after").GetInt64());
        Assert.Equal(JsonValueKind.Undefined, (await socket.ReceiveAsync()).ValueKind);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.Socket.CloseStatus);
        Assert.Contains(turnId!, socket.Socket.CloseStatusDescription, StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task SlowReader_HoldsNobodyUp()
    {
        var pieces = Enumerable.Range(0, 48).Select(i => new string((char)(14 + (i % 18)), SessionOptions.MaxStoredCharacters / 48)).ToArray();
        await using var host = await StartAsync(new SocketOptions());
        using var gate = new StreamGate();
        _upstream.Enqueue(Reply.Pieces(pieces).GatedBy(gate));
        using var quick = await SocketClient.OpenAsync(host.Address, "shared");
        using var slow = await SocketClient.OpenAsync(host.Address, "shared");
        await quick.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await quick.ReceiveAsync()).GetProperty("turnId").GetString();
        await slow.SendAsync(new { type = "resume", data = new { turnId, after = 0 } });
        gate.Open();

        // The slow one has not read a byte of all this when the quick one has it whole.
        var all = await quick.ReceiveTurnAsync();
        Assert.Equal("completed", all[^1].GetProperty("status").GetString());
        Assert.Equal(string.Concat(pieces), Tokens(all));
    }

    private static string Tokens(IEnumerable<JsonElement> frames) => string.Concat(frames
        .Where(frame => SocketClient.Type(frame) == "stream_token" && frame.GetProperty("data").GetProperty("type").GetString() == "token")
        .Select(frame => frame.GetProperty("data").GetProperty("content").GetString()));

    private Task<GatewayHost> StartAsync(SocketOptions sockets, string? secret = null, TimeSpan? drain = null) =>
        GatewayHost.StartAsync(GatewayHost.With(_upstream.BaseUrl, new OrleansChatOptions
        {
            ApiKeys = secret is null ? [] : [new ApiKeyOptions { Id = "a", Secret = secret }],
            Gateway = new GatewayOptions { Sockets = sockets, DrainTimeout = drain ?? TimeSpan.FromSeconds(20) },
            Sessions = new SessionOptions { MaxAnswerCharacters = SessionOptions.MaxStoredCharacters },
        }));
}
