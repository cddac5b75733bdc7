using System.Net;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Anthropic;

/// <summary><c>/v1/messages</c> answered by an upstream that speaks Anthropic's protocol itself.</summary>
public sealed class NativeMessagesTests : IAsyncLifetime
{
    private const string Hello = """{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string HelloStream = """{"model":"default","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private MessagesHost _host = null!;

    public async Task InitializeAsync() => _host = await MessagesHost.StartAsync(UpstreamKind.Anthropic);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Request_ReachesTheUpstreamWithEveryFieldAndHeaderOfTheClients()
    {
        const string Body = """
            {"max_tokens":64,"model":"default","system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
             "thinking":{"type":"enabled","budget_tokens":2048},"a_field_of_tomorrow":{"x":[1,2.50,"ü"]},
             "tools":[{"type":"web_search_20250305","name":"web_search"}],"metadata":{"user_id":"u-1"},
             "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"proof"},{"type":"thinking","thinking":"Foreign.","signature":""},{"type":"text","text":"So?"}]},{"role":"user","content":"Hi"}]}
            """;
        _host.Upstream.Enqueue(Reply.Message("Hello"));

        using var response = await _host.SendAsync(Body, "/v1/messages?beta=true", ("anthropic-version", "2023-01-01"), ("anthropic-beta", "one,two"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sent = Assert.Single(_host.Upstream.Requests);
        Assert.Equal(("/messages", "?beta=true", "scripted-model"), (sent.Path, sent.Query, sent.Model));
        Assert.Equal(("sk-upstream", "2023-01-01", "one,two"), (sent.Headers["x-api-key"], sent.Headers["anthropic-version"], sent.Headers["anthropic-beta"]));
        var expected = JsonElement.Parse(Body.Replace("\"default\"", "\"scripted-model\"", StringComparison.Ordinal)
            .Replace("""{"type":"thinking","thinking":"Foreign.","signature":""},""", "", StringComparison.Ordinal));
        Assert.True(JsonElement.DeepEquals(expected, sent.Body), sent.Text);
    }

    [Fact]
    public async Task Answer_ComesToTheLetter()
    {
        const string Answer = """{ "id": "msg_1", "type":"message","content":[], "unknown": 1e2,"usage":{"input_tokens":100,"cache_read_input_tokens":20,"output_tokens":7}}""";
        _host.Upstream.Enqueue(Reply.Raw(200, "application/json", Answer));

        Assert.Equal(Answer, await _host.AskAsync(Hello));

        var total = (await _host.Gateway.GetAsync("/api/usage")).GetProperty("total");
        Assert.Equal((120, 7), (total.GetProperty("inputTokens").GetInt64(), total.GetProperty("outputTokens").GetInt64()));
    }

    [Fact]
    public async Task Stream_ComesToTheLetterAndIsBooked()
    {
        const string Stream = """
            event: message_start
            data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"x","usage":{"input_tokens":11,"output_tokens":1}}}

            event: ping
            data: {"type": "ping"}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"a_delta_of_tomorrow","x": "ü"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

            event: message_stop
            data: {"type":"message_stop"}


            """;
        _host.Upstream.Enqueue(Reply.RawStream(Stream));

        using var response = await _host.SendAsync(HelloStream);

        Assert.Equal(Stream, await response.Content.ReadAsStringAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var total = (await _host.Gateway.GetAsync("/api/usage")).GetProperty("total");
        Assert.Equal((11, 15), (total.GetProperty("inputTokens").GetInt64(), total.GetProperty("outputTokens").GetInt64()));
    }

    [Fact]
    public async Task StreamThatIsCut_EndsWithAnErrorEventAndABrokenConnection()
    {
        _host.Upstream.Enqueue(Reply.Message("a", "b").Failing(StreamFault.Cut, after: 1));
        using var response = await _host.SendAsync(HelloStream);
        var events = await EventReader.ReadUntilCutAsync(response);
        Assert.Equal("error", events[^1].Name);
        Assert.Equal("api_error", events[^1].Json.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task ErrorInTheMidstOfAStream_IsTheUpstreamsOwn()
    {
        _host.Upstream.Enqueue(Reply.Message("a", "b").Failing(StreamFault.Error, after: 1));
        var text = await _host.AskAsync(HelloStream);
        Assert.EndsWith("""{"error":{"type":"overloaded_error","message":"Scripted."},"type":"error"}""" + "\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatHangsUp_IsBilledForWhatWasProduced()
    {
        using var gate = new StreamGate();
        _host.Upstream.Enqueue(Reply.Message("a", "b", "c", "d").WithUsage(40, 4).GatedBy(gate));
        gate.Release(3);
        using (var response = await _host.SendAsync(HelloStream))
        {
            await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
            var deltas = 0;
            while (deltas < 3 && await events.MoveNextAsync())
                deltas += events.Current.Name == "content_block_delta" ? 1 : 0;
        }

        await _host.Upstream.Requests[0].Disconnected.WaitAsync(Patience);
        Assert.Equal((40, 3), await UsageAsync());
    }

    [Fact]
    public async Task CountTokens_IsAskedOfTheUpstreamAndCostsNothing()
    {
        _host.Upstream.Enqueue(Reply.Raw(200, "application/json", """{"input_tokens":14}"""));

        var text = await _host.AskAsync("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}""", "/v1/messages/count_tokens");

        Assert.Equal("""{"input_tokens":14}""", text);
        Assert.Equal("/messages/count_tokens", Assert.Single(_host.Upstream.Requests).Path);
        Assert.Equal(0m, (await _host.Gateway.GetAsync("/api/usage")).GetProperty("total").GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task CountTokens_OfAnUpstreamThatHasNone_IsCountedHere()
    {
        _host.Upstream.Enqueue(Reply.AnthropicError(404, "not_found_error", "No such route."));
        var text = await _host.AskAsync("""{"model":"default","messages":[{"role":"user","content":"one two three"}]}""", "/v1/messages/count_tokens");
        Assert.InRange(JsonElement.Parse(text).GetProperty("input_tokens").GetInt32(), 3, 12);
    }

    [Theory]
    [InlineData(400, "invalid_request_error", 400, "invalid_request_error")]
    [InlineData(429, "rate_limit_error", 503, "overloaded_error")]
    [InlineData(529, "overloaded_error", 502, "api_error")]
    public async Task RefusalOfTheUpstream_IsInAnthropicsShape(int status, string type, int expectedStatus, string expectedType)
    {
        _host.Upstream.Enqueue(Reply.AnthropicError(status, type, "Not today."));

        using var response = await _host.SendAsync(Hello);

        Assert.Equal(expectedStatus, (int)response.StatusCode);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(("error", expectedType), (body.GetProperty("type").GetString(), body.GetProperty("error").GetProperty("type").GetString()));
        var id = Assert.Single(response.Headers.GetValues("request-id"));
        Assert.Equal(id, body.GetProperty("request_id").GetString());
    }

    [Theory]
    [InlineData("""{"max_tokens":1,"messages":[{"role":"user","content":"a"}]}""", "model")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}]}""", "max_tokens")]
    [InlineData("""{"model":"default","max_tokens":0,"messages":[{"role":"user","content":"a"}]}""", "max_tokens")]
    [InlineData("""{"model":"default","max_tokens":1}""", "messages")]
    [InlineData("""{"model":"default","max_tokens":1,"messages":[]}""", "messages")]
    [InlineData("""{"model":"default","max_tokens":1,"messages":[7]}""", "messages[0]")]
    [InlineData("""{"model":"default","max_tokens":1,"messages":[{"role":"tool","content":"a"}]}""", "messages[0].role")]
    [InlineData("""{"model":"default","max_tokens":1,"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"model":"default","max_tokens":1,"messages":[{"role":"user","content":["a"]}]}""", "messages[0].content")]
    [InlineData("""{"model":"default","max_tokens":1,"system":5,"messages":[{"role":"user","content":"a"}]}""", "system")]
    [InlineData("""{"model":"default","max_tokens":1,"temperature":1.5,"messages":[{"role":"user","content":"a"}]}""", "temperature")]
    [InlineData("""{"model":"default","max_tokens":1,"tools":["a"],"messages":[{"role":"user","content":"a"}]}""", "tools[0]")]
    public async Task WrongField_Is400AndNamesIt(string body, string field)
    {
        using var response = await _host.SendAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains($"'{field}'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_host.Upstream.Requests);
    }

    [Fact]
    public async Task RepeatWithAnIdempotencyKey_GetsTheSameAnswerAndIsBilledOnce()
    {
        _host.Upstream.Enqueue(Reply.Message("Hello").WithUsage(10, 1));
        using var first = await _host.SendAsync(HelloStream, headers: ("Idempotency-Key", "one"));
        var answer = await first.Content.ReadAsStringAsync();

        using var second = await _host.SendAsync(HelloStream, headers: ("Idempotency-Key", "one"));

        Assert.Equal(answer, await second.Content.ReadAsStringAsync());
        Assert.Single(_host.Upstream.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StreamThatIsAnErrorInItself_FailsOverToTheNextOfTheRoute(bool isEvent)
    {
        const string Error = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""";
        await using var host = await MessagesHost.StartAsync(UpstreamKind.Anthropic, null, "builtin/extractive");
        host.Upstream.Enqueue(isEvent ? Reply.RawStream($"event: error\ndata: {Error}\n\n") : Reply.Raw(200, "application/json", Error));

        var text = await host.AskAsync(HelloStream);

        Assert.DoesNotContain("overloaded", text, StringComparison.Ordinal);
        Assert.Contains("event: message_stop", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")]
    [InlineData("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n")]
    public async Task StreamThatEndsAfterItsStartAndBeforeAToken_FailsOverToTheNextOfTheRoute(string rest)
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.Anthropic, null, "builtin/extractive");
        host.Upstream.Enqueue(Reply.RawStream(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_first\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n" + rest));

        var text = await host.AskAsync(HelloStream);

        Assert.DoesNotContain("msg_first", text, StringComparison.Ordinal);
        Assert.DoesNotContain("overloaded", text, StringComparison.Ordinal);
        Assert.Contains("event: message_stop", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamThatBreaksOffWhileItsModelThinks_HasBegun_AndIsNotPassedOver()
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.Anthropic, null, "builtin/extractive");
        host.Upstream.Enqueue(Reply.RawStream(
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_first","type":"message","role":"assistant","content":[]}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}


            """));

        using var response = await host.SendAsync(HelloStream);
        var events = await EventReader.ReadUntilCutAsync(response);

        Assert.Contains("msg_first", events[0].Data, StringComparison.Ordinal);
        Assert.Equal("content_block_start", events[1].Name);
        Assert.DoesNotContain(events, read => read.Name == "message_stop");
    }

    private async Task<(long Input, long Output)> UsageAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var total = (await _host.Gateway.GetAsync("/api/usage")).GetProperty("total");
            if (total.GetProperty("outputTokens").GetInt64() is > 0 and var output)
                return (total.GetProperty("inputTokens").GetInt64(), output);
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
