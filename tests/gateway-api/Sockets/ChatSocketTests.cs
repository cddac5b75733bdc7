using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sockets;

public sealed class ChatSocketTests : ScriptedGatewayTests
{
    private protected override OrleansChatOptions Options => new()
    {
        Gateway = new GatewayOptions { MaxFrameBytes = 4096 },
    };

    [Fact]
    public async Task Chat_AnswersWithAnnouncementProcessingTokensAndCompleted()
    {
        Upstream.Enqueue(Reply.Pieces("Hel", "lo").WithUsage(3, 2));
        using var socket = await SocketClient.OpenAsync(Host.Address);

        await socket.SendAsync(new { type = "chat", id = "q1", data = new { message = "Hi" } });
        var frames = await socket.ReceiveTurnAsync();

        Assert.Equal(["stream_token", "status", "stream_token", "stream_token", "status"], frames.Select(SocketClient.Type));
        Assert.Equal("manager", frames[0].GetProperty("data").GetProperty("type").GetString());
        Assert.Equal("processing", frames[1].GetProperty("status").GetString());
        Assert.Equal("Hello", string.Concat(frames[2..4].Select(frame => frame.GetProperty("data").GetProperty("content").GetString())));
        Assert.All(frames[2..4], frame => Assert.Equal("token", frame.GetProperty("data").GetProperty("type").GetString()));
        Assert.Equal([1, 2, 3, 4], frames.Where(frame => frame.TryGetProperty("seq", out _)).Select(frame => frame.GetProperty("seq").GetInt64()));
        Assert.Equal("completed", frames[4].GetProperty("status").GetString());
        Assert.Equal(2, frames[4].GetProperty("usage").GetProperty("outputTokens").GetInt64());
        Assert.All(frames, frame => Assert.Equal("q1", frame.GetProperty("id").GetString()));
        Assert.Single(frames.Select(frame => frame.GetProperty("turnId").GetString()).Distinct());
    }

    [Fact]
    public async Task Open_WithANewSession_CreatesIt()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address, "my-own_session");
        var session = await Host.GetAsync("/api/sessions/my-own_session");
        Assert.Equal("my-own_session", session.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Ping_WhileATurnStreams_IsAnswered()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("late").GatedBy(gate));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        await socket.ReceiveAsync();
        await socket.ReceiveAsync();

        await socket.SendAsync(new { type = "ping" });

        Assert.Equal("pong", SocketClient.Type(await socket.ReceiveAsync()));
        gate.Open();
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Cancel_FromTheSameSocket_EndsTheTurn()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("never").GatedBy(gate));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await socket.ReceiveAsync()).GetProperty("turnId").GetString();
        await socket.ReceiveAsync();

        await socket.SendAsync(new { type = "cancel", data = new { turnId } });

        Assert.Equal("cancelled", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Resume_OnANewSocket_GivesTheLaterEvents()
    {
        Upstream.Enqueue(Reply.Pieces("a", "b", "c"));
        string? turnId;
        using (var first = await SocketClient.OpenAsync(Host.Address))
        {
            await first.SendAsync(new { type = "chat", data = new { message = "Hi" } });
            turnId = (await first.ReceiveTurnAsync())[0].GetProperty("turnId").GetString();
        }

        using var second = await SocketClient.OpenAsync(Host.Address);
        await second.SendAsync(new { type = "resume", data = new { turnId, after = 2 } });
        var frames = await second.ReceiveTurnAsync();

        Assert.Equal([3, 4, 5], frames.Select(frame => frame.GetProperty("seq").GetInt64()));
    }

    [Theory]
    [InlineData("nonsense", "invalid_request")]
    [InlineData("[]", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("""{"type":"dance"}""", "invalid_request")]
    [InlineData("""{"type":"chat"}""", "invalid_request")]
    [InlineData("""{"type":"chat","data":{"message":5}}""", "invalid_request")]
    [InlineData("""{"type":"chat","data":"x"}""", "invalid_request")]
    [InlineData("""{"type":"resume","data":{"turnId":"none"}}""", "not_found")]
    [InlineData("""{"type":"cancel","data":{"turnId":"a b"}}""", "invalid_request")]
    [InlineData("""{"type":"chat","data":{"message":"\udead"}}""", "invalid_request")]
    public async Task BadFrame_GetsAnErrorFrameAndTheSocketLivesOn(string text, string code)
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);

        await socket.SendAsync(text);
        var error = await socket.ReceiveAsync();
        await socket.SendAsync(new { type = "ping", id = "after" });

        Assert.Equal(("error", code), (SocketClient.Type(error), error.GetProperty("code").GetString()));
        Assert.NotEmpty(error.GetProperty("detail").GetString()!);
        Assert.Equal("after", (await socket.ReceiveAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task BinaryFrame_GetsAnErrorFrameAndTheSocketLivesOn()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal("invalid_request", (await socket.ReceiveAsync()).GetProperty("code").GetString());
        await socket.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await socket.ReceiveAsync()));
    }

    [Fact]
    public async Task OversizedFrame_GetsAnErrorFrameAndTheSocketLivesOn()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = new string('x', 100_000) } });
        Assert.Equal("too_large", (await socket.ReceiveAsync()).GetProperty("code").GetString());
        await socket.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await socket.ReceiveAsync()));
    }

    [Fact]
    public async Task TextThatIsNotUtf8_EndsThisSocketAsTheProtocolDemandsAndNoOther()
    {
        using var other = await SocketClient.OpenAsync(Host.Address, "other");
        using var socket = await SocketClient.OpenAsync(Host.Address);

        await socket.SendAsync([0xff, 0xfe, 0xfd], WebSocketMessageType.Text);

        Assert.Equal(JsonValueKind.Undefined, (await socket.ReceiveAsync()).ValueKind);
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, socket.Socket.CloseStatus);
        await other.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await other.ReceiveAsync()));
    }

    [Theory]
    [InlineData("/chat/ws/client/bad%20session")]
    [InlineData("/chat/ws/cli%24ent/session")]
    public async Task Handshake_WithAWrongId_IsAProblem(string path)
    {
        using var response = await Host.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_request", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Handshake_CarriesTheCorrelationId()
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("X-Correlation-ID", "hand-1");
        await socket.ConnectAsync(new Uri($"ws://{Host.Address.Authority}/chat/ws/c/s"), CancellationToken.None);
        Assert.Equal("hand-1", socket.HttpResponseHeaders!["X-Correlation-ID"].Single());
    }

    [Fact]
    public async Task Close_IsAnswered()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, socket.Socket.State);
    }
}
