using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Draining;

public sealed class DrainTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Stop_WhileAStreamRuns_StreamsItToItsEnd()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one", "two").GatedBy(gate));
        var session = (await Host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(new { message = "Hi" }) };
        using var response = await EventReader.OpenAsync(Host.Client, request);
        await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        var stopped = Host.StopAsync();
        gate.Open();
        ReceivedEvent? last = null;
        while (await events.MoveNextAsync())
            last = events.Current;

        Assert.Equal("turn.completed", last?.Name);
        await stopped.WaitAsync(Patience);
    }

    [Fact]
    public async Task NewTurn_AfterTheOrderToStop_IsRefusedWithATimeToRetry()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("late").GatedBy(gate));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        await socket.ReceiveAsync();
        await socket.ReceiveAsync();

        // The order alone: the listener still answers, as it does for requests on open connections.
        Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await socket.SendAsync(new { type = "chat", data = new { message = "Another" } });
        var refused = await socket.ReceiveAsync();
        using var response = await Host.Client.PostAsJsonAsync("/chat", new { message = "Hi" });
        using var ready = await Host.Client.GetAsync("/ready");

        Assert.Equal("upstream_unavailable", refused.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal("draining", (await ready.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());

        gate.Open();
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Undefined, (await socket.ReceiveAsync()).ValueKind);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.Socket.CloseStatus);
    }
}
