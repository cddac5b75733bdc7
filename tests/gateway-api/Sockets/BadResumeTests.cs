using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sockets;

/// <summary>Frames at the wrong time, in pieces, or for turns that are not there to be read: each has its answer, and session and socket live on.</summary>
public sealed class BadResumeTests : ScriptedGatewayTests
{
    private readonly FakeClock _clock = new();

    private protected override TimeProvider Clock => _clock;

    [Theory]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Resume_AtTheEndOrBeyond_TellsThatTheTurnIsOver(int after)
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        var turnId = await ChatAsync(socket);

        await socket.SendAsync(new { type = "resume", id = "r", data = new { turnId, after } });
        var answer = await socket.ReceiveAsync();

        Assert.Equal(("status", "completed", "r"), (SocketClient.Type(answer), answer.GetProperty("status").GetString(), answer.GetProperty("id").GetString()));
        await LivesOnAsync(socket);
    }

    [Theory]
    [InlineData(4, "token")]
    [InlineData(1000, null)]
    public async Task Resume_AheadOfARunningTurn_WaitsForWhatFollowsOrTheEnd(int after, string? first)
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b", "c", "d").GatedBy(gate));
        using var chat = await SocketClient.OpenAsync(Host.Address);
        await chat.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await chat.ReceiveAsync()).GetProperty("turnId").GetString();
        using var ahead = await SocketClient.OpenAsync(Host.Address);
        await ahead.SendAsync(new { type = "resume", data = new { turnId, after } });
        await LivesOnAsync(ahead);

        gate.Open();
        await chat.ReceiveTurnAsync();
        var answer = await ahead.ReceiveTurnAsync();

        Assert.Equal("completed", answer[^1].GetProperty("status").GetString());
        Assert.Equal(first is null ? [] : [5L, 6L], answer.Where(frame => frame.TryGetProperty("seq", out _)).Select(frame => frame.GetProperty("seq").GetInt64()));
        Assert.Equal(first, SocketClient.Type(answer[0]) == "status" ? null : answer[0].GetProperty("data").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Resume_OfATurnOfAnotherSession_IsNotFound()
    {
        using var other = await SocketClient.OpenAsync(Host.Address, "other");
        var turnId = await ChatAsync(other);
        using var socket = await SocketClient.OpenAsync(Host.Address);

        await socket.SendAsync(new { type = "resume", data = new { turnId, after = 0 } });
        Assert.Equal("not_found", (await socket.ReceiveAsync()).GetProperty("code").GetString());
        await socket.SendAsync(new { type = "cancel", data = new { turnId } });
        Assert.Equal("not_found", (await socket.ReceiveAsync()).GetProperty("code").GetString());

        await LivesOnAsync(socket);
    }

    [Fact]
    public async Task Resume_OfATurnWhoseEventsAreNoLongerKept_IsNotFoundAndTheAnswerIsKept()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        var turnId = await ChatAsync(socket);
        _clock.Jump(TimeSpan.FromHours(24));
        await ChatAsync(socket);

        await socket.SendAsync(new { type = "resume", data = new { turnId, after = 0 } });
        var error = await socket.ReceiveAsync();
        using var events = await Host.Client.GetAsync($"/api/sessions/session-1/turns/{turnId}/events");

        Assert.Contains("no longer kept", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, events.StatusCode);
        var turn = await Host.GetAsync($"/api/sessions/session-1/turns/{turnId}");
        Assert.Equal("abc", turn.GetProperty("message").GetProperty("content").GetString());
        await LivesOnAsync(socket);
    }

    [Fact]
    public async Task Chat_WhileATurnRuns_IsRefusedAndTheTurnGoesOn()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("late").GatedBy(gate));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "One" } });
        await socket.ReceiveAsync();
        await socket.ReceiveAsync();

        await socket.SendAsync(new { type = "chat", id = "two", data = new { message = "Two" } });
        var refused = await socket.ReceiveAsync();
        gate.Open();

        Assert.Equal(("turn_in_progress", "two"), (refused.GetProperty("code").GetString(), refused.GetProperty("id").GetString()));
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Frame_SplitInTheMiddleOfACharacter_IsReadAsOne()
    {
        Upstream.Enqueue(Reply.Pieces("ok"));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        foreach (var part in Encoding.UTF8.GetBytes("""{"type":"chat","data":{"message":"Grüße 😀"}}""").Chunk(1))
            await socket.Socket.SendAsync(part, WebSocketMessageType.Text, endOfMessage: false, default);
        await socket.Socket.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Text, endOfMessage: true, default);

        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
        var session = await Host.GetAsync("/api/sessions/session-1");
        Assert.Equal("Grüße 😀", session.GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Edit_OfAMessageThatIsNotThere_IsNotFoundAndChangesNothing()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await ChatAsync(socket);
        var before = await Host.Client.GetStringAsync("/api/sessions/session-1?tree=true");
        var gone = Guid.CreateVersion7().ToString();

        using var edit = await Host.Client.PostAsync("/api/sessions/session-1/turns", GatewayHost.Json($$"""{"message":"Hi","parentMessageId":"{{gone}}"}"""));
        using var branch = await Host.Client.PatchAsync("/api/sessions/session-1", GatewayHost.Json($$"""{"activeMessageId":"{{gone}}"}"""));
        using var again = await Host.Client.PostAsync($"/api/sessions/session-1/turns/{gone}/regenerate", GatewayHost.Json("{}"));

        Assert.All([edit, branch, again], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Equal(before, await Host.Client.GetStringAsync("/api/sessions/session-1?tree=true"));
    }

    private async Task<string> ChatAsync(SocketClient socket)
    {
        Upstream.Enqueue(Reply.Pieces("a", "b", "c"));
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var frames = await socket.ReceiveTurnAsync();
        Assert.Equal(5, frames[^1].GetProperty("seq").GetInt64());
        return frames[0].GetProperty("turnId").GetString()!;
    }

    private static async Task LivesOnAsync(SocketClient socket)
    {
        await socket.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await socket.ReceiveAsync()));
    }
}
