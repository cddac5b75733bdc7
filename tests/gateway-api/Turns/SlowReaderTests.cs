using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Turns;

/// <summary>
/// Clients that do not read, over real sockets whose buffers are full long before the answer ends: they are cut with a code, hold nobody up, and resume without a
/// gap. Characters take six bytes each on their way.
/// </summary>
public sealed class SlowReaderTests : ScriptedGatewayTests
{
    private const int Looks = 20;

    // A length that no other timer has.
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMilliseconds(15_123);
    private static readonly string[] Pieces = [.. Enumerable.Range(0, 40).Select(i => new string((char)(14 + (i % 18)), 5_000))];

    private readonly FakeClock _clock = new();
    private readonly UnixDoor _door = new();
    private string _turnId = "";

    private protected override TimeProvider Clock => _clock;

    private protected override OrleansChatOptions Options => new()
    {
        Gateway = new GatewayOptions { Sockets = new SocketOptions { SendTimeout = SendTimeout } },

        // A socket of this kind has no address that could be this machine's.
        AllowAnonymous = true,
    };

    private protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.Configure<KestrelServerOptions>(_door.AddTo);
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();

        // A quick reader has it all while the clock stands still.
        Upstream.Enqueue(Reply.Pieces(Pieces));
        using var quick = await _door.OpenSocketAsync("shared");
        await quick.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var frames = await quick.ReceiveTurnAsync();
        Assert.Equal("completed", frames[^1].GetProperty("status").GetString());
        _turnId = frames[0].GetProperty("turnId").GetString()!;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _door.Dispose();
    }

    [Fact]
    public async Task Socket_ThatReadsOnAtLast_IsToldWhereToResumeAndClosedWithItsCode()
    {
        using var slow = await _door.OpenSocketAsync("shared");
        await StickAsync(() => slow.SendAsync(new { type = "resume", data = new { turnId = _turnId, after = 0 } }));

        var frames = new List<JsonElement>();
        while (await slow.ReceiveAsync() is { ValueKind: not JsonValueKind.Undefined } frame)
            frames.Add(frame);

        var away = frames[^1];
        Assert.Equal(("going_away", "too_slow"), (SocketClient.Type(away), away.GetProperty("reason").GetString()));
        Assert.Equal(4002, (int)slow.Socket.CloseStatus!);
        Assert.Contains(_turnId, slow.Socket.CloseStatusDescription, StringComparison.Ordinal);
        var after = away.GetProperty("data").GetProperty("after").GetInt64();
        Assert.Equal(after, frames[^2].GetProperty("seq").GetInt64());

        using var next = await _door.OpenSocketAsync("shared");
        await next.SendAsync(new { type = "resume", data = new { turnId = _turnId, after } });
        Assert.Equal(string.Concat(Pieces), Tokens(frames.Concat(await next.ReceiveTurnAsync())));
    }

    [Fact]
    public async Task Socket_ThatNeverReads_IsCutAndResumes()
    {
        using var slow = await _door.OpenSocketAsync("shared");
        await StickAsync(() => slow.SendAsync(new { type = "resume", data = new { turnId = _turnId, after = 0 } }));
        await LoseAllPatienceAsync();

        var frames = new List<JsonElement>();
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            while (true)
                frames.Add(await slow.ReceiveAsync());
        });

        var after = frames.Count == 0 ? 0 : frames.FindLast(frame => frame.TryGetProperty("seq", out _)).GetProperty("seq").GetInt64();
        using var next = await _door.OpenSocketAsync("shared");
        await next.SendAsync(new { type = "resume", data = new { turnId = _turnId, after } });
        Assert.Equal(string.Concat(Pieces), Tokens(frames.Concat(await next.ReceiveTurnAsync())));
    }

    [Fact]
    public async Task EventStream_ThatReadsOnAtLast_IsToldWhereToResumeAndEnds()
    {
        using var client = _door.Open();
        HttpResponseMessage? slow = null;
        await StickAsync(async () => slow = await EventReader.OpenAsync(client, Events(null)));

        var events = await EventReader.ReadAsync(slow!).ToListAsync();
        Assert.Equal("going_away", events[^1].Name);
        Assert.Null(events[^1].Id);
        Assert.Equal("too_slow", events[^1].Json.GetProperty("reason").GetString());
        Assert.Equal(events[^2].Id, $"{events[^1].Json.GetProperty("after").GetInt64()}");

        using var next = await EventReader.OpenAsync(client, Events(events[^2].Id));
        Assert.Equal(string.Concat(Pieces), Text(events.Concat(await EventReader.ReadAsync(next).ToListAsync())));
    }

    [Fact]
    public async Task EventStream_ThatNeverReads_IsCutAndResumes()
    {
        using var client = _door.Open();
        HttpResponseMessage? slow = null;
        await StickAsync(async () => slow = await EventReader.OpenAsync(client, Events(null)));
        await LoseAllPatienceAsync();

        var events = new List<ReceivedEvent>();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var received in EventReader.ReadAsync(slow!))
                events.Add(received);
        });

        using var next = await EventReader.OpenAsync(client, Events(events.Count == 0 ? null : events[^1].Id));
        Assert.Equal(string.Concat(Pieces), Text(events.Concat(await EventReader.ReadAsync(next).ToListAsync())));
    }

    /// <summary>
    /// Lets the server write until nobody takes what it writes, and then until its patience is over. One and the same write has to wait at every look, and still
    /// when the clock is set forward: no patience ends between two writes.
    /// </summary>
    private async Task StickAsync(Func<Task> begin)
    {
        await begin();
        ITimer? stuck = null;
        for (var looks = 0; looks < Looks || !_clock.Fire(stuck!); looks++)
        {
            await Host.Client.GetStringAsync("/live");
            var waiting = _clock.TimerIn(SendTimeout);
            if (waiting is null || waiting != stuck)
                looks = 0;
            stuck = waiting;
        }
    }

    /// <summary>Lets much more time pass than the server gives a client, with work in between that gives its threads their turn.</summary>
    private async Task LoseAllPatienceAsync()
    {
        for (var round = 0; round < 40; round++)
        {
            _clock.Advance(SendTimeout);
            await Host.Client.GetStringAsync("/live");
        }
    }

    private HttpRequestMessage Events(string? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/shared/turns/{_turnId}/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return request;
    }

    private static string Text(IEnumerable<ReceivedEvent> events) => string.Concat(
        events.Where(received => received.Name == "turn.delta").Select(received => received.Json.GetProperty("text").GetString()));

    private static string Tokens(IEnumerable<JsonElement> frames) => string.Concat(frames
        .Where(frame => SocketClient.Type(frame) == "stream_token" && frame.GetProperty("data").GetProperty("type").GetString() == "token")
        .Select(frame => frame.GetProperty("data").GetProperty("content").GetString()));
}
