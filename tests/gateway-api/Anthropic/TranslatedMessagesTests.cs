using System.Net;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Anthropic;

/// <summary><c>/v1/messages</c> answered by an OpenAI-compatible upstream.</summary>
public sealed class TranslatedMessagesTests : IAsyncLifetime
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private MessagesHost _host = null!;

    public async Task InitializeAsync() => _host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Request_IsPutInOpenAIsWords()
    {
        await _host.AskAsync("""
            {"model":"default","max_tokens":64,"temperature":0.5,"top_p":0.9,"stop_sequences":["END"],"metadata":{"user_id":"u-1"},
             "system":[{"type":"text","text":"One.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Two."}],
             "tools":[{"name":"weather","description":"Tells it.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral"}}],
             "tool_choice":{"type":"tool","name":"weather","disable_parallel_tool_use":true},
             "thinking":{"type":"enabled","budget_tokens":2048},
             "messages":[
               {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"PIXEL"}},
                                         {"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]},
               {"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"I ask."},
                                              {"type":"tool_use","id":"t1","name":"weather","input":{"city":"Oslo","n":1.50}},{"type":"tool_use","id":"t2","name":"weather","input":{}}]},
               {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"cold"}]},
                                         {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":"no city"},{"type":"text","text":"And?"},{"type":"text","text":"Well?"}]}]}
            """.Replace("PIXEL", Pixel, StringComparison.Ordinal));

        var expected = JsonElement.Parse("""
            {"model":"scripted-model","messages":[
               {"role":"system","content":"One.\n\nTwo."},
               {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,PIXEL"}},
                                         {"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},
               {"role":"assistant","content":"I ask.","tool_calls":[
                  {"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"n\":1.50}"}},
                  {"id":"t2","type":"function","function":{"name":"weather","arguments":"{}"}}]},
               {"role":"tool","tool_call_id":"t1","content":"cold"},
               {"role":"tool","tool_call_id":"t2","content":"Error: no city"},
               {"role":"user","content":[{"type":"text","text":"And?\nWell?"}]}],
             "stream":true,"stream_options":{"include_usage":true},"max_tokens":64,"temperature":0.5,"top_p":0.9,"stop":["END"],
             "tools":[{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
             "tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false,"user":"u-1"}
            """.Replace("PIXEL", Pixel, StringComparison.Ordinal));
        var sent = Assert.Single(_host.Upstream.Requests);
        Assert.True(JsonElement.DeepEquals(expected, sent.Body), sent.Text);
    }

    [Fact]
    public async Task Answer_IsAMessageWithUsageAndStopReason()
    {
        _host.Upstream.Enqueue(Reply.Text("Hello there").WithUsage(100, 2, cachedInputTokens: 60));

        using var response = await _host.SendAsync("""{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}""");

        var message = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.StartsWith("msg_", message.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""[{"type":"text","text":"Hello there"}]"""), message.GetProperty("content")));
        Assert.Equal(("message", "assistant", "default", "end_turn"), (
            message.GetProperty("type").GetString(), message.GetProperty("role").GetString(), message.GetProperty("model").GetString(), message.GetProperty("stop_reason").GetString()));
        Assert.Equal("""{"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,"output_tokens":2}""", message.GetProperty("usage").GetRawText());
        Assert.True(response.Headers.Contains("request-id"));
    }

    [Fact]
    public async Task Stream_HasTheEventsOfAMessageInTheirOrder()
    {
        _host.Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("c1", "weather", """{"city":"Oslo"}"""), new ScriptedToolCall("c2", "time", "")) with { Chunks = ["Let me", " see"] });

        var text = await _host.AskAsync("""{"model":"default","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""");

        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(part => !part.StartsWith(':')).Select(part => part.Split('\n')).ToList();
        Assert.All(events, lines => Assert.Equal(lines[0]["event: ".Length..], JsonElement.Parse(lines[1]["data: ".Length..]).GetProperty("type").GetString()));
        Assert.Equal(
        [
            "message_start", "ping",
            "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
            "content_block_start", "content_block_delta", "content_block_stop",
            "content_block_start", "content_block_delta", "content_block_stop",
            "message_delta", "message_stop",
        ], events.Select(lines => lines[0]["event: ".Length..]));
        Assert.Equal("""data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"weather","input":{}}}""", events[6][1]);
        Assert.Equal("""data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Oslo\"}"}}""", events[7][1]);
        Assert.Equal("tool_use", JsonElement.Parse(events[^2][1]["data: ".Length..]).GetProperty("delta").GetProperty("stop_reason").GetString());
    }

    [Theory]
    [InlineData("stop", "end_turn")]
    [InlineData("length", "max_tokens")]
    [InlineData("content_filter", "refusal")]
    public async Task FinishReason_BecomesAStopReason(string finish, string stop)
    {
        _host.Upstream.Enqueue(Reply.Text("a") with { FinishReason = finish });
        var message = JsonElement.Parse(await _host.AskAsync("""{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.Equal(stop, message.GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task BrokenArguments_BecomeAnObjectThatHoldsThem()
    {
        _host.Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("c1", "weather", "{\"city\":")));
        var message = JsonElement.Parse(await _host.AskAsync("""{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.Equal("{\"city\":", message.GetProperty("content")[0].GetProperty("input").GetProperty("INVALID_JSON").GetString());
    }

    [Theory]
    [InlineData(true, "thinking")]
    [InlineData(false, "text")]
    public async Task Reasoning_IsShownToThoseWhoAskForIt(bool asks, string firstBlock)
    {
        _host.Upstream.Enqueue(Reply.Raw(200, "application/json", """
            {"id":"c","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"Hm.","content":"Yes."},"finish_reason":"stop"}]}
            """));
        var thinking = asks ? ""","thinking":{"type":"adaptive"}""" : "";
        var message = JsonElement.Parse(await _host.AskAsync($$$"""{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]{{{thinking}}}}"""));
        Assert.Equal(firstBlock, message.GetProperty("content")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task JsonSchema_IsAskedForInOpenAIsWay()
    {
        await _host.AskAsync("""
            {"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}],"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}
            """);
        var format = Assert.Single(_host.Upstream.Requests).Body.GetProperty("response_format");
        Assert.Equal(("json_schema", """{"type":"object"}"""), (format.GetProperty("type").GetString(), format.GetProperty("json_schema").GetProperty("schema").GetRawText()));
    }

    [Theory]
    [InlineData("""{"model":"default","max_tokens":9,"tools":[{"type":"web_search_20250305","name":"web_search"}],"messages":[{"role":"user","content":"a"}]}""", "tools[0].type")]
    [InlineData("""{"model":"default","max_tokens":9,"tools":[{"name":"f"}],"messages":[{"role":"user","content":"a"}]}""", "tools[0].input_schema")]
    [InlineData("""{"model":"default","max_tokens":9,"mcp_servers":[{"url":"https://example.org"}],"messages":[{"role":"user","content":"a"}]}""", "mcp_servers")]
    [InlineData("""{"model":"default","max_tokens":9,"messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"model":"default","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}""", "messages[0].content[0].source")]
    [InlineData("""{"model":"default","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%%"}}]}]}""", "messages[0].content[0].source.data")]
    [InlineData("""{"model":"default","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}""", "messages[0].content[0].tool_use_id")]
    public async Task WhatCannotBeSaid_IsRefusedAndNotLeftOut(string body, string field)
    {
        using var response = await _host.SendAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Contains($"'{field}'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_host.Upstream.Requests);
    }

    [Fact]
    public async Task StreamThatIsCut_EndsWithAnErrorEvent()
    {
        _host.Upstream.Enqueue(Reply.Pieces("a", "b").CutAfter(1));
        using var response = await _host.SendAsync("""{"model":"default","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        var events = await EventReader.ReadUntilCutAsync(response);
        Assert.Equal(("error", "api_error"), (events[^1].Name, events[^1].Json.GetProperty("error").GetProperty("type").GetString()));
    }

    [Fact]
    public async Task CountTokens_IsCountedHere()
    {
        var text = await _host.AskAsync("""{"model":"default","system":"Be brief.","messages":[{"role":"user","content":"one two three"}]}""", "/v1/messages/count_tokens");
        Assert.InRange(JsonElement.Parse(text).GetProperty("input_tokens").GetInt32(), 6, 20);
        Assert.Empty(_host.Upstream.Requests);
    }

    [Fact]
    public async Task BuiltInModel_AnswersInAnthropicsShapeWithAndWithoutStream()
    {
        await using var host = await GatewayHost.StartAsync();
        var whole = await host.PostAsync("/v1/messages", new { model = "default", max_tokens = 64, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.NotEmpty(whole.GetProperty("content")[0].GetProperty("text").GetString()!);
        using var response = await host.Client.PostAsync("/v1/messages", GatewayHost.Json(
            """{"model":"default","max_tokens":64,"stream":true,"tools":[{"type":"bash_20250124","name":"bash"}],"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
