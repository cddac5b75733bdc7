using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Turns;

public sealed class TurnRouteTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _turns = "";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _turns = $"/api/sessions/{(await Host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString()}/turns";
    }

    [Fact]
    public async Task Post_AcceptingJson_AnswersWithTheFinishedTurn()
    {
        Upstream.Enqueue(Reply.Text("Hello from the model").WithUsage(10, 4));

        var turn = await Host.PostAsync(_turns, new { message = "Hi" });

        Assert.Equal("completed", turn.GetProperty("status").GetString());
        Assert.Equal("Hello from the model", turn.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(4, turn.GetProperty("usage").GetProperty("outputTokens").GetInt64());
        Assert.Equal(0.000018m, turn.GetProperty("costUsd").GetDecimal());
        Assert.Equal("scripted", turn.GetProperty("upstream").GetString());
    }

    [Fact]
    public async Task Post_AcceptingEvents_StreamsThemInOrderWithoutGaps()
    {
        Upstream.Enqueue(Reply.Pieces("Hello", " ", "world\n", "näxt"));

        using var response = await StartAsync("Hi");
        var events = await EventReader.ReadAsync(response).ToListAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.True(response.Headers.CacheControl?.NoCache);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => $"{i}"), events.Select(e => e.Id));
        Assert.Equal("turn.started", events[0].Name);
        Assert.Equal("turn.completed", events[^1].Name);
        Assert.Equal("Hello world\nnäxt", TextOf(events));
        Assert.False(events[^1].Json.GetProperty("messageId").GetString() is null or "");
    }

    [Fact]
    public async Task Events_AreSentAsTheyCome()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one", "two").GatedBy(gate));
        using var patience = new CancellationTokenSource(Patience);

        using var response = await StartAsync("Hi");
        await using var events = EventReader.ReadAsync(response, patience.Token).GetAsyncEnumerator(patience.Token);
        Assert.True(await events.MoveNextAsync());
        gate.Release();
        Assert.True(await events.MoveNextAsync());

        Assert.Equal("one", events.Current.Json.GetProperty("text").GetString());
        gate.Open();
    }

    [Fact]
    public async Task Events_AfterABreak_ComeExactlyOnce()
    {
        Upstream.Enqueue(Reply.Pieces("a", "b", "c"));
        using var first = await StartAsync("Hi");
        var all = await EventReader.ReadAsync(first).ToListAsync();
        var turnId = all[0].Json.GetProperty("turnId").GetString();

        var byQuery = await ReadEventsAsync($"{_turns}/{turnId}/events?after=2", null);
        var byHeader = await ReadEventsAsync($"{_turns}/{turnId}/events", "2");
        var none = await ReadEventsAsync($"{_turns}/{turnId}/events?after={all.Count}", null);

        Assert.Equal(all.Skip(2), byQuery);
        Assert.Equal(all.Skip(2), byHeader);
        Assert.Empty(none);
    }

    [Fact]
    public async Task Events_ForABrowserThatHasThemAll_TellItNotToComeBack()
    {
        var turn = await Host.PostAsync(_turns, new { message = "Hi" });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_turns}/{turn.GetProperty("turnId").GetString()}/events");
        request.Headers.Add("Last-Event-ID", "1000");
        using var response = await Host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Events_OfASilentTurn_CarryComments()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("late").GatedBy(gate));
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(Upstream.BaseUrl, new OrleansChatOptions
        {
            Gateway = new GatewayOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(40) },
        }));
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var patience = new CancellationTokenSource(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(new { message = "Hi" }) };
        using var response = await EventReader.OpenAsync(host.Client, request);

        var comments = 0;
        await foreach (var entry in EventReader.ReadAsync(response, patience.Token))
        {
            if (entry.Name is null && ++comments == 3)
                gate.Open();
        }

        Assert.True(comments >= 3);
    }

    [Fact]
    public async Task Cancel_StopsTheUpstreamAndEndsTheStream()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b", "c").GatedBy(gate));
        using var response = await StartAsync("Hi");
        await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        var turnId = events.Current.Json.GetProperty("turnId").GetString();
        gate.Release();
        Assert.True(await events.MoveNextAsync());

        using var cancelled = await Host.Client.PostAsync($"{_turns}/{turnId}/cancel", null);

        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("turn.cancelled", events.Current.Name);
        Assert.False(await events.MoveNextAsync());
        await Upstream.Requests[^1].Disconnected.WaitAsync(Patience);
    }

    [Fact]
    public async Task Post_WhileATurnRuns_IsAConflict()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("a").GatedBy(gate));
        using var running = await StartAsync("Hi");

        using var second = await Host.Client.PostAsJsonAsync(_turns, new { message = "Again" });

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("turn_in_progress", (await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        gate.Open();
    }

    [Fact]
    public async Task Post_TheSameClientTurnId_AnswersWithTheSameTurn()
    {
        var first = await Host.PostAsync(_turns, new { message = "Hi", clientTurnId = "c-1" });
        var second = await Host.PostAsync(_turns, new { message = "Hi", clientTurnId = "c-1" });
        Assert.Equal(first.GetProperty("turnId").GetString(), second.GetProperty("turnId").GetString());
        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task Post_WhenTheUpstreamFails_IsItsProblem()
    {
        Upstream.Enqueue(Reply.Status(500, "secret-canary"));
        using var response = await Host.Client.PostAsJsonAsync(_turns, new { message = "Hi" });
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("upstream_error", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Post_WhenTheTurnFails_NamesItSoThatItsMessageCanBeAnsweredAnew()
    {
        Upstream.Enqueue(Reply.Status(500, "secret-canary"), Reply.Text("second"));
        using var failed = await Host.Client.PostAsJsonAsync(_turns, new { message = "Hi" });
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        var turnId = failed.Headers.GetValues("X-Turn-Id").Single();

        using var again = await Host.Client.PostAsJsonAsync($"{_turns}/{turnId}/regenerate", new { });

        var answer = await again.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("second", answer.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(answer.GetProperty("turnId").GetString(), again.Headers.GetValues("X-Turn-Id").Single());
        Assert.Equal(2, (await Host.GetAsync(_turns[..^6])).GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Post_ThatIsRefused_NamesNoTurn()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("a").GatedBy(gate));
        using var running = await StartAsync("Hi");

        using var refused = await Host.Client.PostAsJsonAsync(_turns, new { message = "Again" });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.False(refused.Headers.Contains("X-Turn-Id"));
        Assert.True(running.Headers.Contains("X-Turn-Id"));
        gate.Open();
    }

    [Fact]
    public async Task Regenerate_AnswersTheSameMessageOnANewBranch()
    {
        Upstream.Enqueue(Reply.Text("first"), Reply.Text("second"));
        var first = await Host.PostAsync(_turns, new { message = "Hi" });

        var second = await Host.PostAsync($"{_turns}/{first.GetProperty("turnId").GetString()}/regenerate", new { });

        Assert.Equal("second", second.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(first.GetProperty("message").GetProperty("parentId").GetString(), second.GetProperty("message").GetProperty("parentId").GetString());
        var tree = await Host.GetAsync($"{_turns[..^6]}?tree=true");
        Assert.Equal(3, tree.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Export_AsMarkdown_IsAFileWithTheConversation()
    {
        Upstream.Enqueue(Reply.Text("An answer."));
        await Host.PostAsync(_turns, new { message = "A question?" });

        using var response = await Host.Client.GetAsync($"{_turns[..^6]}/export?format=markdown");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/markdown", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith(".md", response.Content.Headers.ContentDisposition?.FileName?.Trim('"'), StringComparison.Ordinal);
        Assert.Contains("## User\n\nA question?", text, StringComparison.Ordinal);
        Assert.Contains("## Assistant\n\nAn answer.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turn_WhoseClientGoesAway_IsFinishedAndBilled()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b").GatedBy(gate).WithUsage(5, 2));
        string turnId;
        using (var response = await StartAsync("Hi"))
        {
            await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
            await events.MoveNextAsync();
            turnId = events.Current.Json.GetProperty("turnId").GetString()!;
        }

        gate.Open();
        var rest = await ReadEventsAsync($"{_turns}/{turnId}/events?after=1", null);

        Assert.Equal("turn.completed", rest[^1].Name);
        Assert.Equal(2, rest[^1].Json.GetProperty("usage").GetProperty("outputTokens").GetInt64());
    }

    [Theory]
    [InlineData("{}", "message")]
    [InlineData("""{"message":""}""", "message")]
    [InlineData("""{"message":["a"]}""", "message")]
    [InlineData("""{"message":"a","clientTurnId":7}""", "clientTurnId")]
    [InlineData("""{"message":"a","model":"none"}""", "model")]
    public async Task Post_WithAWrongField_NamesIt(string body, string field)
    {
        using var response = await Host.Client.PostAsync(_turns, GatewayHost.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("subject").GetString());
    }

    private async Task<HttpResponseMessage> StartAsync(string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _turns) { Content = JsonContent.Create(new { message }) };
        return await EventReader.OpenAsync(Host.Client, request);
    }

    private async Task<List<ReceivedEvent>> ReadEventsAsync(string path, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await EventReader.OpenAsync(Host.Client, request);
        return await EventReader.ReadAsync(response).ToListAsync();
    }

    private static string TextOf(IEnumerable<ReceivedEvent> events) =>
        string.Concat(events.Where(e => e.Name == "turn.delta").Select(e => e.Json.GetProperty("text").GetString()));
}
