using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Routing;

/// <summary>Routes of two upstreams over real sockets.</summary>
public sealed class RouteTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ScriptedUpstream _one = null!;
    private ScriptedUpstream _two = null!;

    private static ModelOptions Hedged => new() { Route = ["one/m", "two/m"], HedgeAfter = TimeSpan.FromMilliseconds(50) };

    public async Task InitializeAsync()
    {
        _one = await ScriptedUpstream.StartAsync();
        _two = await ScriptedUpstream.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Theory]
    [InlineData("stall", "first-token timeout")]
    [InlineData("role", "first-token timeout")]
    [InlineData("page", "web page")]
    [InlineData("drop", "is not available")]
    [InlineData("503", "overloaded")]
    [InlineData("429", "Rate limit reached.")]
    public async Task AllFail_OnV1_ListsWhatEachSaidInOpenAIsShape(string fault, string said)
    {
        await using var host = await StartAsync(firstToken: fault is "stall" or "role" ? TimeSpan.FromSeconds(1) : null);
        _one.Enqueue(ReplyOf(fault));
        _two.Enqueue(Reply.Status(500, "second is broken"));

        using var response = await CompleteAsync(host, stream: true);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");

        var message = error.GetProperty("message").GetString();
        Assert.True((int)response.StatusCode is 502 or 503 or 504, $"{response.StatusCode}");
        Assert.Contains("[one/m]", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("[two/m]", message, StringComparison.Ordinal);
        Assert.Contains("second is broken", message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(error.GetProperty("type").GetString()));
    }

    /// <summary>What an upstream answers with status 200, its own status, and whether the client asked for a stream and got events.</summary>
    public static TheoryData<string, int, bool, bool> FirstWords
    {
        get
        {
            var words = new TheoryData<string, int, bool, bool>();
            foreach (var (isStream, isEvents) in new[] { (true, true), (true, false), (false, false) })
            {
                words.Add("""{"error":{"message":"No room.","type":"server_error"}}""", 200, isStream, isEvents);
                words.Add("""{"error":{"message":"Too many tokens.","code":400}}""", 400, isStream, isEvents);
                words.Add("""{"error":null,"choices":[{"index":0,"delta":{"content":"one"},"message":{"content":"one"},"finish_reason":"stop"}]}""", 200, isStream, isEvents);
            }

            return words;
        }
    }

    [Theory]
    [MemberData(nameof(FirstWords))]
    public async Task Answer_ThatIsAnErrorOrBeginsWithOne_IsPassedOver_UnlessTheRequestIsAtFault(string words, int status, bool isStream, bool isEvents)
    {
        await using var host = await StartAsync();
        _one.Enqueue(isEvents ? Reply.RawStream($"data: {words}\n\ndata: [DONE]\n\n") : Reply.Raw(200, "application/json", words));
        _two.Enqueue(Reply.Pieces("two"));

        using var response = await CompleteAsync(host, isStream);
        var text = await response.Content.ReadAsStringAsync();

        var isAnswered = words.Contains("one", StringComparison.Ordinal);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 && !isAnswered ? 1 : 0, _two.Requests.Count);
        Assert.Contains(status == 400 ? "Too many tokens." : isAnswered ? "\"one\"" : "\"two\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("No room.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: {\"error\":{\"message\":\"No room.\",\"type\":\"server_error\"}}\n\n")]
    [InlineData("data: {\"choices\":[]}\r\n\r\ndata: {\"error\":{\"message\":\"No room.\",\"type\":\"server_error\"}}\r\n\r\n")]
    public async Task Stream_ThatEndsAfterItsRoleAndBeforeAToken_IsPassedOver(string rest)
    {
        await using var host = await StartAsync();
        _one.Enqueue(Reply.RawStream(": working\n\ndata: {\"id\":\"first\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n" + rest));
        _two.Enqueue(Reply.Pieces("two"));

        using var response = await CompleteAsync(host, stream: true);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"two\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("first", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"content\":\"one\"}")]
    [InlineData("{\"audio\":{\"data\":\"UklGRg==\"}}")]
    [InlineData("{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}")]
    public async Task Stream_ThatBreaksOffAfterWhatTheModelMade_IsNotPassedOver(string delta)
    {
        await using var host = await StartAsync();
        _one.Enqueue(Reply.RawStream($"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"\"}}}}]}}\n\ndata: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n"));

        using var response = await CompleteAsync(host, stream: true);
        var events = await EventReader.ReadUntilCutAsync(response);

        Assert.Contains("assistant", events[0].Data, StringComparison.Ordinal);
        Assert.Contains(delta, events[1].Data, StringComparison.Ordinal);
        Assert.Empty(_two.Requests);
    }

    [Fact]
    public async Task Stream_WithoutATokenAfterTenSeconds_IsPassedOn_SoThatItsClientHearsSomething()
    {
        var clock = new FakeClock();
        await using var host = await StartAsync(clock: clock);
        _one.Enqueue(Reply.Custom(async (context, request) =>
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await request.Disconnected;
        }));

        using var response = await CompleteAsync(host, stream: true).WaitAsync(Patience);
        await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
        await events.MoveNextAsync().AsTask().WaitAsync(Patience);

        Assert.Contains("assistant", events.Current.Data, StringComparison.Ordinal);
        Assert.Empty(_two.Requests);
    }

    [Fact]
    public async Task AllFail_OnATurn_ListsWhatEachSaid()
    {
        await using var host = await StartAsync();
        _one.Enqueue(Reply.Status(503, "overloaded"));
        _two.Enqueue(Reply.Status(500, "second is broken"));
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(new { message = "Hi" }) };
        using var response = await EventReader.OpenAsync(host.Client, request);
        ReceivedEvent? last = null;
        await foreach (var entry in EventReader.ReadAsync(response))
            last = entry;

        var problem = last!.Json.GetProperty("problem");
        Assert.Equal(("turn.failed", "upstream_error"), (last.Name, problem.GetProperty("code").GetString()));
        foreach (var said in (string[])["[one/m]", "overloaded", "[two/m]", "second is broken"])
            Assert.Contains(said, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryAfter_LeavesTheUpstreamAloneForThatTime()
    {
        await using var host = await StartAsync();
        _one.Enqueue(Reply.RateLimited(30));
        for (var i = 0; i < 3; i++)
        {
            using var response = await CompleteAsync(host, stream: false);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((1, 3), (_one.Requests.Count, _two.Requests.Count));
        var breaker = (await host.GetAsync("/api/breakers")).GetProperty("items")[0];
        Assert.Equal("open", breaker.GetProperty("state").GetString());
        Assert.InRange((breaker.GetProperty("retryAt").GetDateTimeOffset() - breaker.GetProperty("openedAt").GetDateTimeOffset()).TotalSeconds, 29.9, 30.1);
    }

    [Fact]
    public async Task Weights_ShareTheTraffic()
    {
        await using var host = await StartAsync(new ModelOptions { Route = [new RouteItem { Target = "one/m", Weight = 1 }, new RouteItem { Target = "two/m", Weight = 1 }] });
        for (var i = 0; i < 40; i++)
        {
            using var response = await CompleteAsync(host, stream: false);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // That one has no share of 40 is a chance of one in 2³⁹.
        Assert.True(_one.Requests.Count > 0 && _two.Requests.Count > 0);
        Assert.Equal(40, _one.Requests.Count + _two.Requests.Count);
    }

    [Fact]
    public async Task Hedge_OfASilentUpstream_IsAnsweredByTheNext_AndBothAreOnTheLedger()
    {
        await using var host = await StartAsync(Hedged);
        _one.Enqueue(Reply.Stall());
        _two.Enqueue(Reply.Pieces("second", " answer").WithUsage(7, 2));

        using var response = await CompleteAsync(host, stream: true);
        var text = await response.Content.ReadAsStringAsync();
        await _one.Requests[0].Disconnected.WaitAsync(Patience);

        Assert.Contains("second", text, StringComparison.Ordinal);
        var usage = await host.GetAsync("/api/usage?groupBy=upstream");
        var items = usage.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("group").GetString()!);
        Assert.Equal((7, 2), Tokens(items["two"]));
        Assert.True(Tokens(items["one"]) is { Input: > 0, Output: 0 });
        await NothingIsReservedAsync(host);
    }

    [Fact]
    public async Task Hedge_OfAnAnswerInOnePiece_AsksOneUpstream()
    {
        await using var host = await StartAsync(Hedged);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _one.Enqueue(Reply.Custom(async (context, _) =>
        {
            await late.Task;
            await context.Response.WriteAsJsonAsync(new { id = "x", choices = new[] { new { index = 0, message = new { role = "assistant", content = "late" } } } });
        }));
        var answering = CompleteAsync(host, stream: false);
        await _one.NextRequestAsync();

        // A stream that is asked later and silent is hedged meanwhile, so the time has passed for the first as well.
        _one.Enqueue(Reply.Stall());
        using (await CompleteAsync(host, stream: true))
            Assert.Single(_two.Requests);
        late.SetResult();

        using var response = await answering;
        Assert.Contains("late", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(_two.Requests);
    }

    [Fact]
    public async Task Hedge_OfATurn_ShowsOneAnswer_AndItsCostIsThatOfBothCalls()
    {
        await using var host = await StartAsync(Hedged);
        _one.Enqueue(Reply.Stall());
        _two.Enqueue(Reply.Pieces("second", " answer").WithUsage(1_000, 2));
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();

        var turn = await host.PostAsync($"/api/sessions/{session}/turns", new { message = "Hello you" });
        await _one.Requests[0].Disconnected.WaitAsync(Patience);

        Assert.Equal(("second answer", "two"), (turn.GetProperty("message").GetProperty("content").GetString(), turn.GetProperty("upstream").GetString()));
        var total = (await host.GetAsync("/api/usage")).GetProperty("total");
        Assert.Equal(turn.GetProperty("costUsd").GetDecimal(), total.GetProperty("costUsd").GetDecimal());
        Assert.Equal(2, total.GetProperty("requests").GetInt64());
        Assert.True(turn.GetProperty("usage").GetProperty("inputTokens").GetInt64() > 1_000);
        await NothingIsReservedAsync(host);
    }

    private static Reply ReplyOf(string fault) => fault switch
    {
        "stall" => Reply.Stall(),
        "role" => Reply.Text("one").WithComments().StallAfter(0),
        "page" => Reply.Raw(200, "text/html", "<html>Sign in</html>"),
        "drop" => Reply.Drop(),
        "503" => Reply.Status(503, "overloaded"),
        _ => Reply.RateLimited(10),
    };

    private static (long Input, long Output) Tokens(JsonElement item) =>
        (item.GetProperty("inputTokens").GetInt64(), item.GetProperty("outputTokens").GetInt64());

    private static async Task NothingIsReservedAsync(GatewayHost host)
    {
        foreach (var scope in (await host.GetAsync("/api/limits")).GetProperty("scopes").EnumerateArray())
        {
            if (scope.GetProperty("budget").ValueKind is JsonValueKind.Object)
                Assert.Equal(0m, scope.GetProperty("budget").GetProperty("reservedUsd").GetDecimal());
        }
    }

    private static async Task<HttpResponseMessage> CompleteAsync(GatewayHost host, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "default", stream, messages = new[] { new { role = "user", content = "Hello you" } } }),
        };
        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private Task<GatewayHost> StartAsync(ModelOptions? model = null, TimeSpan? firstToken = null, FakeClock? clock = null) => GatewayHost.StartAsync(
        new OrleansChatOptions
        {
            Upstreams =
            [
                new UpstreamOptions { Id = "one", BaseUrl = _one.BaseUrl, MaxRetries = 0, FirstTokenTimeout = firstToken ?? TimeSpan.FromMinutes(10), TokenTimeout = TimeSpan.FromMinutes(10) },
                new UpstreamOptions { Id = "two", BaseUrl = _two.BaseUrl, MaxRetries = 0 },
            ],
            Models = [(model ?? new ModelOptions { Route = ["one/m", "two/m"] }) with { Id = "default", InputUsdPerMillion = 1, OutputUsdPerMillion = 2 }],
        },
        services => services.AddSingleton<TimeProvider>(clock ?? TimeProvider.System));
}
