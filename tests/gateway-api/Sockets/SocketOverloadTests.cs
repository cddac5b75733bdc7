using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Sockets;

/// <summary>Frames pass the gate that requests pass, and sockets outlive what it refuses.</summary>
public sealed class SocketOverloadTests : IAsyncLifetime, IDisposable
{
    private const int Line = 2;

    private readonly FakeClock _clock = new();
    private readonly SemaphoreSlim _working = new(0);
    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    public void Dispose() => _working.Dispose();

    [Theory]
    [InlineData("""{"type":"chat","id":"q","data":{"message":"Hi"}}""")]
    [InlineData("""{"type":"search","id":"q","data":{"query":"x"}}""")]
    [InlineData("""{"type":"find_code","id":"q","data":{"query":"x","collection":"docs"}}""")]
    public async Task Work_BeyondWhatCanBeDone_GetsTheProblemThatRequestsGetAndTheSocketLivesOn(string frame)
    {
        await using var host = await StartAsync();
        using var socket = await SocketClient.OpenAsync(host.Address);
        var running = await FillAsync(host);

        await socket.SendAsync(frame);
        var refused = await socket.ReceiveAsync();

        using var request = await host.Client.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" });
        var problem = await request.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, request.StatusCode);
        Assert.Equal(("error", "q"), (SocketClient.Type(refused), refused.GetProperty("id").GetString()));
        foreach (var member in new[] { "status", "code", "detail", "suggestions", "retryAfterSeconds" })
            Assert.Equal(problem.GetProperty(member).GetRawText(), refused.GetProperty(member).GetRawText());
        await PongAsync(socket);
        Assert.Equal(2, MetricPage.Parse(await host.Client.GetStringAsync("/metrics")).Sum("orleanschat_requests_shed_total", ("reason", "working")));

        await EmptyAsync(running);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
        await socket.Socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Fact]
    public async Task Chat_WhileThereIsRoomInTheLine_WaitsAndIsAnswered()
    {
        await using var host = await StartAsync();
        var gate = host.Services.GetRequiredService<LoadGate>();
        using var socket = await SocketClient.OpenAsync(host.Address);
        var running = await FillAsync(host, Line - 1);

        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        await TestWait.UntilAsync(() => gate.Waiting == Line);
        Assert.Empty(_upstream.Requests);

        await EmptyAsync(running);
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
        await TestWait.UntilAsync(() => (gate.InFlight, gate.Working, gate.Waiting) == (0, 0, 0));
    }

    [Fact]
    public async Task ResumeAndCancel_BeyondWhatCanBeDone_AreNeverRefused()
    {
        using var held = new StreamGate();
        _upstream.Enqueue(Reply.Pieces("a", "b").GatedBy(held));
        await using var host = await StartAsync();
        using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await socket.ReceiveAsync()).GetProperty("turnId").GetString();
        var running = await FillAsync(host);
        await socket.SendAsync(new { type = "chat", id = "more", data = new { message = "Hi" } });
        await ReceiveAsync(socket, frame => SocketClient.Type(frame) == "error" && frame.GetProperty("id").GetString() == "more");

        await socket.SendAsync(new { type = "resume", id = "r", data = new { turnId, after = 0 } });
        await ReceiveAsync(socket, frame => frame.TryGetProperty("id", out var id) && id.GetString() == "r" && frame.GetProperty("seq").GetInt32() == 1);
        await socket.SendAsync(new { type = "cancel", data = new { turnId } });
        await ReceiveAsync(socket, frame => SocketClient.Type(frame) == "status" && frame.GetProperty("status").GetString() == "cancelled");
        await EmptyAsync(running);
    }

    [Fact]
    public async Task Sockets_ThatAreOpen_TakeNoPlaceOfThoseThatAreAnswered()
    {
        using var held = new StreamGate();
        _upstream.Enqueue(Reply.Pieces("a").GatedBy(held));
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(_upstream.BaseUrl, new OrleansChatOptions { Gateway = new GatewayOptions { MaxInFlight = 1 } }));
        var gate = host.Services.GetRequiredService<LoadGate>();
        using var first = await SocketClient.OpenAsync(host.Address, "first");
        using var second = await SocketClient.OpenAsync(host.Address, "second");
        Assert.Equal(0, gate.InFlight);

        await first.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        await first.ReceiveAsync();
        await TestWait.UntilAsync(() => (gate.InFlight, gate.Working) == (1, 0));
        await second.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        Assert.Equal(503, (await second.ReceiveAsync()).GetProperty("status").GetInt32());
        await PongAsync(second);

        held.Open();
        Assert.Equal("completed", (await first.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
        await TestWait.UntilAsync(() => gate.InFlight == 0);
        await second.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        Assert.Equal("completed", (await second.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    private static async Task PongAsync(SocketClient socket)
    {
        await socket.SendAsync(new { type = "ping", id = "p" });
        Assert.Equal("pong", SocketClient.Type(await socket.ReceiveAsync()));
    }

    private static async Task ReceiveAsync(SocketClient socket, Func<JsonElement, bool> isIt)
    {
        while (!isIt(await socket.ReceiveAsync()))
        {
        }
    }

    /// <summary>Time stands still, so that neither work nor waits take long.</summary>
    private Task<GatewayHost> StartAsync() => GatewayHost.StartAsync(
        GatewayHost.With(_upstream.BaseUrl),
        services => services.AddSingleton(provider => new LoadGate(
            new GatewayOptions { MaxWaiting = Line, MaxLag = TimeSpan.Zero },
            provider.GetRequiredService<IMeterFactory>(),
            () => TimeSpan.Zero,
            _clock,
            provider.GetRequiredService<Fallbacks>())),
        application => application.MapGet("/slow", () => _working.WaitAsync()));

    /// <summary>Takes all places, and some of the line.</summary>
    private static async Task<List<Task<HttpResponseMessage>>> FillAsync(GatewayHost host, int waiting = Line)
    {
        var gate = host.Services.GetRequiredService<LoadGate>();
        var limit = (int)(await gate.CheckAsync(CancellationToken.None)).Counts!["working_limit"];
        var running = Enumerable.Range(0, limit + waiting).Select(_ => host.Client.GetAsync("/slow")).ToList();
        await TestWait.UntilAsync(() => gate.Waiting == waiting);
        return running;
    }

    private async Task EmptyAsync(List<Task<HttpResponseMessage>> running)
    {
        _working.Release(running.Count);
        foreach (var answer in await Task.WhenAll(running))
            answer.Dispose();
    }
}
