using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>OpenAI's chat completions answered by an upstream that speaks Anthropic's protocol.</summary>
public sealed class AnthropicUpstreamTests : ScriptedGatewayTests
{
    private protected override OrleansChatOptions Adjust(OrleansChatOptions settings) => settings with
    {
        Upstreams = [settings.Upstreams[0] with { Kind = UpstreamKind.Anthropic, ApiKey = "sk-ant" }],
        Models = [settings.Models[0] with { CachedInputUsdPerMillion = 0.1m, CacheWriteUsdPerMillion = 1.25m }],
    };

    [Fact]
    public async Task Completion_IsTranslatedBothWaysAndBooked()
    {
        Upstream.Enqueue(Reply.Message("Hello", " there").WithUsage(1000, 500, cacheReadTokens: 300, cacheCreationTokens: 100).WithStopReason("max_tokens"));

        var answer = await Host.PostAsync("/v1/chat/completions", new
        {
            model = "default",
            temperature = 0.5,
            stop = "END",
            messages = new[] { new { role = "system", content = "Be brief." }, new { role = "user", content = "Hi" } },
        });

        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("Hello there", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        var sent = Assert.Single(Upstream.Requests);
        Assert.Equal(("/messages", "scripted-model", "sk-ant"), (sent.Path, sent.Model, sent.Headers["x-api-key"]));
        Assert.Equal(("Be brief.", 256), (sent.Body.GetProperty("system").GetString(), sent.Body.GetProperty("max_tokens").GetInt32()));
        Assert.Equal((0.5f, "END"), (sent.Body.GetProperty("temperature").GetSingle(), sent.Body.GetProperty("stop_sequences")[0].GetString()));
        var total = (await Host.GetAsync("/api/usage")).GetProperty("total");
        Assert.Equal((1000, 500), (total.GetProperty("inputTokens").GetInt64(), total.GetProperty("outputTokens").GetInt64()));
        Assert.Equal((300, 100), (total.GetProperty("cachedInputTokens").GetInt64(), total.GetProperty("cacheWriteInputTokens").GetInt64()));
        Assert.Equal((600 + 30 + 125 + 1000) / 1_000_000m, total.GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Stream_IsTranslatedIntoChunks()
    {
        Upstream.Enqueue(Reply.Message("Hel", "lo").WithUsage(9, 2));

        using var response = await Host.Client.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = "default",
            stream = true,
            stream_options = new { include_usage = true },
            messages = new[] { new { role = "user", content = "Hi" } },
        });

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"content\":\"Hel\"", text, StringComparison.Ordinal);
        Assert.Contains("\"completion_tokens\":2", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_IsPutInAnthropicsWords()
    {
        await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""
            {"model":"default","max_completion_tokens":64,"temperature":1.5,"stop":["END","STOP"],"user":"u-1","seed":7,"n":1,"logprobs":false,
             "tools":[{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
                      {"type":"function","function":{"name":"time"}}],
             "tool_choice":"required","parallel_tool_calls":false,
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","additionalProperties":false}}},
             "messages":[
               {"role":"developer","content":"One."},{"role":"system","content":[{"type":"text","text":"Two."}]},
               {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},
                                         {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},
                                         {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}}]},
               {"role":"assistant","content":null,"tool_calls":[
                  {"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"n\":1.50}"}},
                  {"id":"c2","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]},
               {"role":"tool","tool_call_id":"c1","content":"cold"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"what?"}]},
               {"role":"user","content":"And?"}]}
            """));

        var expected = JsonElement.Parse("""
            {"model":"scripted-model","max_tokens":64,"system":"One.\n\nTwo.","messages":[
               {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
                                         {"type":"image","source":{"type":"url","url":"https://example.org/a.png"}},
                                         {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}]},
               {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Oslo","n":1.50}},
                                              {"type":"tool_use","id":"c2","name":"weather","input":{"INVALID_JSON":"{\"city\":"}}]},
               {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"cold"},{"type":"tool_result","tool_use_id":"c2","content":"what?"},
                                         {"type":"text","text":"And?"}]}],
             "stream":true,"temperature":1,"stop_sequences":["END","STOP"],
             "output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}},
             "tools":[{"name":"weather","description":"Tells it.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}},
                      {"name":"time","input_schema":{"type":"object","properties":{}}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},"metadata":{"user_id":"u-1"}}
            """);
        var sent = Assert.Single(Upstream.Requests);
        Assert.True(JsonElement.DeepEquals(expected, sent.Body), sent.Text);
    }

    [Fact]
    public async Task ParallelToolCalls_ComeAsOpenAIsToolCalls()
    {
        Upstream.Enqueue(Calls);

        var answer = await Host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });

        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("Let me see.", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(
            """[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"t2","type":"function","function":{"name":"time","arguments":"{}"}}]""",
            choice.GetProperty("message").GetProperty("tool_calls").GetRawText());
        Assert.Equal(60, answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(100, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task ParallelToolCalls_AreStreamedWithAnIndexEach()
    {
        Upstream.Enqueue(Calls);

        using var response = await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json(
            """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}"""));

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("""{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"time","arguments":"{}"}}]}""", text, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"tool_calls\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"usage\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "response_format":{"type":"json_object"} """, "response_format")]
    [InlineData(""" "n":2 """, "n")]
    [InlineData(""" "logprobs":true """, "logprobs")]
    [InlineData(""" "logit_bias":{"50256":-100} """, "logit_bias")]
    [InlineData(""" "modalities":["text","audio"] """, "modalities")]
    [InlineData(""" "functions":[{"name":"f"}] """, "functions")]
    [InlineData(""" "tools":[{"type":"custom","custom":{"name":"f"}}] """, "tools[0]")]
    [InlineData(""" "tool_choice":{"type":"allowed_tools"} """, "tool_choice")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"","format":"wav"}}]}] """, "messages[0].content[0]")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}] """, "messages[0].content[0].image_url.url")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,%%"}}]}] """, "messages[0].content[0].image_url.url")]
    [InlineData(""" "messages":[{"role":"user","content":"a"},{"role":"tool","content":"b"}] """, "messages[1].tool_call_id")]
    [InlineData(""" "messages":[{"role":"user","content":"a"},{"role":"function","name":"f","content":"b"}] """, "messages[1].role")]
    public async Task WhatCannotBeSaid_IsRefusedAndNotLeftOut(string fields, string field)
    {
        var messages = fields.Contains("\"messages\"", StringComparison.Ordinal) ? "" : ""","messages":[{"role":"user","content":"a"}]""";
        using var response = await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json($$"""{"model":"default",{{fields}}{{messages}}}"""));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
        Assert.Empty(Upstream.Requests);
    }

    private static AnthropicReply Calls => Reply.Message("Let me", " see.").WithUsage(100, 9, cacheReadTokens: 60)
        .Calling(new ScriptedToolCall("t1", "weather", """{"city":"Oslo"}"""), new ScriptedToolCall("t2", "time", ""));
}
