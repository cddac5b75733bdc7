using System.Net;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Anthropic;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Responses;

public sealed class ResponseTests : IAsyncLifetime
{
    private const string Route = "/v1/responses";

    private MessagesHost _host = null!;

    public async Task InitializeAsync() => _host = await MessagesHost.StartAsync(UpstreamKind.OpenAI, new OrleansChatOptions
    {
        ApiKeys = [new ApiKeyOptions { Id = "one", Secret = "sk-one" }, new ApiKeyOptions { Id = "two", Secret = "sk-two" }],
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Request_IsPutInTheWordsOfChatCompletions()
    {
        await AskAsync("""
            {"model":"default","instructions":"Be brief.","max_output_tokens":64,"temperature":0.5,"parallel_tool_calls":false,
             "text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"}}},"tool_choice":{"type":"function","name":"weather"},
             "tools":[{"type":"function","name":"weather","description":"Tells it.","parameters":{"type":"object"},"strict":true}],
             "input":[{"role":"user","content":[{"type":"input_text","text":"Look:"},{"type":"input_image","image_url":"https://example.org/a.png","detail":"auto"}]},
                      {"type":"reasoning","id":"rs_1","summary":[]},
                      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"I ask."}]},
                      {"type":"function_call","call_id":"c1","name":"weather","arguments":"{\"city\":\"Oslo\"}"},
                      {"type":"function_call","call_id":"c2","name":"weather","arguments":"{}"},
                      {"type":"function_call_output","call_id":"c1","output":"cold"},
                      {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"where?"}]}]}
            """);

        var expected = JsonElement.Parse("""
            {"model":"scripted-model","messages":[
               {"role":"system","content":"Be brief."},
               {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},
               {"role":"assistant","content":"I ask.","tool_calls":[
                  {"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},
                  {"id":"c2","type":"function","function":{"name":"weather","arguments":"{}"}}]},
               {"role":"tool","tool_call_id":"c1","content":"cold"},{"role":"tool","tool_call_id":"c2","content":"where?"}],
             "stream":true,"stream_options":{"include_usage":true},"max_tokens":64,"temperature":0.5,
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}},
             "tools":[{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":{"type":"object"},"strict":true}}],
             "tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false}
            """);
        var sent = Assert.Single(_host.Upstream.Requests);
        Assert.True(JsonElement.DeepEquals(expected, sent.Body), sent.Text);
    }

    [Theory]
    [InlineData(UpstreamKind.OpenAI)]
    [InlineData(UpstreamKind.Anthropic)]
    public async Task Request_WithoutALimit_IsSentWithTheModels(UpstreamKind kind)
    {
        await using var host = await MessagesHost.StartAsync(kind);
        if (kind is UpstreamKind.Anthropic)
            host.Upstream.Enqueue(AnthropicReply.Text("Hi"), AnthropicReply.Text("Hi"));

        await host.AskAsync("""{"model":"default","input":"Hi"}""", Route);
        await host.AskAsync("""{"model":"default","input":"Hi","max_output_tokens":300}""", Route);

        Assert.Equal([256, 300], host.Upstream.Requests.Select(request => request.Body.GetProperty("max_tokens").GetInt32()));
    }

    [Fact]
    public async Task Answer_IsAResponseAndIsReadAgainToTheLetter()
    {
        _host.Upstream.Enqueue(Reply.Text("Hello there").WithUsage(100, 2, cachedInputTokens: 60, reasoningTokens: 1));

        var text = await AskAsync("""{"model":"default","input":"Hi","metadata":{"a":"b"}}""");

        var response = JsonElement.Parse(text);
        Assert.Equal(("response", "completed", "default"), (Text(response, "object"), Text(response, "status"), Text(response, "model")));
        var item = Assert.Single(response.GetProperty("output").EnumerateArray());
        Assert.Equal(("message", "assistant", "Hello there"), (Text(item, "type"), Text(item, "role"), Text(item.GetProperty("content")[0], "text")));
        Assert.Equal("""{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":102}""", response.GetProperty("usage").GetRawText());
        Assert.Equal("""{"a":"b"}""", response.GetProperty("metadata").GetRawText());
        Assert.Equal(text, await GetAsync($"{Route}/{Text(response, "id")}"));
        var input = JsonElement.Parse(await GetAsync($"{Route}/{Text(response, "id")}/input_items"));
        Assert.Equal("Hi", Text(input.GetProperty("data")[0].GetProperty("content")[0], "text"));
    }

    [Fact]
    public async Task ResponseThatIsTooLargeToKeep_IsRefusedAndThoseBeforeItAreFollowed()
    {
        _host.Upstream.Enqueue(Reply.Text("One"), Reply.Text("Two"), Reply.Text("Three"), Reply.Text("Four"));
        var first = Text(JsonElement.Parse(await AskAsync("""{"model":"default","input":"Hi"}""")), "id");
        var input = new string('a', 17_000_000);

        using var refused = await SendAsync(JsonSerializer.Serialize(new { model = "default", previous_response_id = first, input }));
        using var broken = await SendAsync(JsonSerializer.Serialize(new { model = "default", previous_response_id = first, input, stream = true }));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("bytes to keep", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var failed = (await EventReader.ReadUntilCutAsync(broken))[^1];
        Assert.Equal("response.failed", failed.Name);
        Assert.Contains("bytes to keep", failed.Data, StringComparison.Ordinal);
        var next = JsonElement.Parse(await AskAsync($$"""{"model":"default","previous_response_id":"{{first}}","input":"And?"}"""));
        Assert.Equal("Four", Text(next.GetProperty("output")[0].GetProperty("content")[0], "text"));
    }

    [Fact]
    public async Task ResponseThatFollowsAnother_TellsTheModelTheWholeConversationWithItsCalls()
    {
        _host.Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("c1", "weather", """{"city":"Oslo"}""")), Reply.Text("It is cold."), Reply.Text("Brr."));
        var first = JsonElement.Parse(await AskAsync("""{"model":"default","instructions":"Only now.","input":"Weather?","tools":[{"type":"function","name":"weather"}]}"""));
        Assert.Equal("function_call", Text(first.GetProperty("output")[0], "type"));
        var second = JsonElement.Parse(await AskAsync(
            $$"""{"model":"default","previous_response_id":"{{Text(first, "id")}}","input":[{"type":"function_call_output","call_id":"c1","output":"-5"}]}"""));
        await AskAsync($$"""{"model":"default","previous_response_id":"{{Text(second, "id")}}","input":"And?"}""");

        Assert.Equal(
            """
            [{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"-5"},{"role":"assistant","content":"It is cold."},{"role":"user","content":"And?"}]
            """.Trim(),
            _host.Upstream.Requests[2].Body.GetProperty("messages").GetRawText());
        var sessions = JsonElement.Parse(await GetAsync("/api/sessions")).GetProperty("items");
        Assert.Equal("Weather?", Text(Assert.Single(sessions.EnumerateArray()), "title"));
    }

    [Fact]
    public async Task OlderResponse_CanBeFollowedAgainAsABranch()
    {
        var first = JsonElement.Parse(await AskAsync("""{"model":"default","input":"one"}"""));
        await AskAsync($$"""{"model":"default","previous_response_id":"{{Text(first, "id")}}","input":"two"}""");
        await AskAsync($$"""{"model":"default","previous_response_id":"{{Text(first, "id")}}","input":"three"}""");
        Assert.Equal(
            """[{"role":"user","content":"one"},{"role":"assistant","content":"one"},{"role":"user","content":"three"}]""",
            _host.Upstream.Requests[2].Body.GetProperty("messages").GetRawText());
    }

    [Fact]
    public async Task Stream_HasNumberedEventsAndEndsWithWhatIsReadAgain()
    {
        _host.Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("c1", "weather", "{}")) with { Chunks = ["Let me", " see"] });

        var text = await AskAsync("""{"model":"default","stream":true,"input":"Hi"}""");

        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(part => !part.StartsWith(':'))
            .Select(part => JsonElement.Parse(part.Split('\n')[1]["data: ".Length..])).ToList();
        Assert.Equal(
        [
            "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
            "response.output_text.delta", "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done",
            "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
            "response.completed",
        ], events.Select(entry => Text(entry, "type")));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(entry => entry.GetProperty("sequence_number").GetInt32()));
        var whole = events[^1].GetProperty("response");
        Assert.Equal(whole.GetRawText(), await GetAsync($"{Route}/{Text(whole, "id")}"));
        Assert.Equal(events.Where(entry => Text(entry, "type") == "response.output_item.done").Select(entry => entry.GetProperty("item").GetRawText()),
            whole.GetProperty("output").EnumerateArray().Select(item => item.GetRawText()));
    }

    [Fact]
    public async Task StreamThatIsCut_EndsWithAFailedResponse()
    {
        _host.Upstream.Enqueue(Reply.Pieces("a", "b").CutAfter(1));
        using var response = await SendAsync("""{"model":"default","stream":true,"input":"Hi"}""");
        var events = await EventReader.ReadUntilCutAsync(response);
        Assert.Equal("response.failed", events[^1].Name);
        Assert.Equal("server_error", Text(events[^1].Json.GetProperty("response").GetProperty("error"), "code"));
    }

    [Fact]
    public async Task AnswerAtItsLimit_IsIncomplete()
    {
        _host.Upstream.Enqueue(Reply.Text("a") with { FinishReason = "length" });
        var response = JsonElement.Parse(await AskAsync("""{"model":"default","input":"Hi"}"""));
        Assert.Equal(("incomplete", "max_output_tokens"), (Text(response, "status"), Text(response.GetProperty("incomplete_details"), "reason")));
    }

    [Fact]
    public async Task DeletedResponse_IsNeitherReadNorFollowed()
    {
        var id = Text(JsonElement.Parse(await AskAsync("""{"model":"default","input":"Hi"}""")), "id");

        using (var deleted = await SendAsync(null, $"{Route}/{id}", "DELETE"))
            Assert.Equal($$"""{"id":"{{id}}","object":"response","deleted":true}""", await deleted.Content.ReadAsStringAsync());

        using var read = await SendAsync(null, $"{Route}/{id}", "GET");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        await AssertRefusedAsync($$"""{"model":"default","input":"And?","previous_response_id":"{{id}}"}""", "previous_response_id");
        Assert.Empty(JsonElement.Parse(await GetAsync("/api/sessions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task ResponseOfAnotherKey_LooksLikeNone()
    {
        var id = Text(JsonElement.Parse(await AskAsync("""{"model":"default","input":"Hi"}""")), "id");
        using var read = await SendAsync(null, $"{Route}/{id}", "GET", "sk-two");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        using var followed = await SendAsync($$"""{"model":"default","input":"And?","previous_response_id":"{{id}}"}""", key: "sk-two");
        Assert.Equal(HttpStatusCode.BadRequest, followed.StatusCode);
    }

    [Fact]
    public async Task ResponseThatIsNotStored_IsNotRead()
    {
        var response = JsonElement.Parse(await AskAsync("""{"model":"default","input":"Hi","store":false}"""));
        Assert.False(response.GetProperty("store").GetBoolean());
        using var read = await SendAsync(null, $"{Route}/{Text(response, "id")}", "GET");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        Assert.Empty(JsonElement.Parse(await GetAsync("/api/sessions")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"input":"Hi"}""", "model")]
    [InlineData("""{"model":"default"}""", "input")]
    [InlineData("""{"model":"default","input":[]}""", "input")]
    [InlineData("""{"model":"default","input":["Hi"]}""", "input[0]")]
    [InlineData("""{"model":"default","input":[{"role":"king","content":"Hi"}]}""", "input[0].role")]
    [InlineData("""{"model":"default","input":[{"type":"item_reference","id":"x"}]}""", "input[0].type")]
    [InlineData("""{"model":"default","input":[{"type":"function_call_output","output":"x"}]}""", "input[0].call_id")]
    [InlineData("""{"model":"default","input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]}""", "input[0].content[0]")]
    [InlineData("""{"model":"default","input":"Hi","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"model":"default","input":"Hi","tool_choice":{"type":"file_search"}}""", "tool_choice")]
    [InlineData("""{"model":"default","input":"Hi","background":true}""", "background")]
    [InlineData("""{"model":"default","input":"Hi","conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"model":"default","input":"Hi","previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"model":"default","input":"Hi","previous_response_id":"resp_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}""", "previous_response_id")]
    public Task WrongField_Is400AndNamesIt(string body, string field) => AssertRefusedAsync(body, field);

    [Fact]
    public async Task BuiltInModel_Answers()
    {
        await using var host = await GatewayHost.StartAsync();
        var response = await host.PostAsync(Route, new { model = "default", input = "Hi" });
        Assert.NotEmpty(Text(response.GetProperty("output")[0].GetProperty("content")[0], "text"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task AssertRefusedAsync(string body, string field)
    {
        var before = _host.Upstream.Requests.Count;
        using var response = await SendAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal(field, Text(error, "param"));
        Assert.Equal(before, _host.Upstream.Requests.Count);
    }

    private async Task<string> AskAsync(string body)
    {
        using var response = await SendAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    private async Task<string> GetAsync(string path)
    {
        using var response = await SendAsync(null, path, "GET");
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string? body, string path = Route, string method = "POST", string key = "sk-one")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : GatewayHost.Json(body) };
        request.Headers.Add("x-api-key", key);
        return await _host.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
