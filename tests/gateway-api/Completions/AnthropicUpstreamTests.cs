using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>OpenAI's chat completions answered by an upstream that speaks Anthropic's protocol.</summary>
public sealed class AnthropicUpstreamTests : IAsyncLifetime
{
    private ScriptedUpstream _upstream = null!;
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(_upstream.BaseUrl);
        _host = await GatewayHost.StartAsync(options with
        {
            Upstreams = [options.Upstreams[0] with { Kind = UpstreamKind.Anthropic, ApiKey = "sk-ant" }],
            Models = [options.Models[0] with { CachedInputUsdPerMillion = 0.1m, CacheWriteUsdPerMillion = 1.25m }],
        });
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Completion_IsTranslatedBothWaysAndBooked()
    {
        _upstream.Enqueue(Reply.Message("Hello", " there").WithUsage(1000, 500, cacheReadTokens: 300, cacheCreationTokens: 100).WithStopReason("max_tokens"));

        var answer = await _host.PostAsync("/v1/chat/completions", new
        {
            model = "default",
            temperature = 0.5,
            stop = "END",
            messages = new[] { new { role = "system", content = "Be brief." }, new { role = "user", content = "Hi" } },
        });

        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("Hello there", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        var sent = Assert.Single(_upstream.Requests);
        Assert.Equal(("/messages", "scripted-model", "sk-ant"), (sent.Path, sent.Model, sent.Headers["x-api-key"]));
        Assert.Equal(("Be brief.", 256), (sent.Body.GetProperty("system").GetString(), sent.Body.GetProperty("max_tokens").GetInt32()));
        Assert.Equal((0.5f, "END"), (sent.Body.GetProperty("temperature").GetSingle(), sent.Body.GetProperty("stop_sequences")[0].GetString()));
        var total = (await _host.GetAsync("/api/usage")).GetProperty("total");
        Assert.Equal((1000, 500), (total.GetProperty("inputTokens").GetInt64(), total.GetProperty("outputTokens").GetInt64()));
        Assert.Equal((300, 100), (total.GetProperty("cachedInputTokens").GetInt64(), total.GetProperty("cacheWriteInputTokens").GetInt64()));
        Assert.Equal((600 + 30 + 125 + 1000) / 1_000_000m, total.GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Stream_IsTranslatedIntoChunks()
    {
        _upstream.Enqueue(Reply.Message("Hel", "lo").WithUsage(9, 2));

        using var response = await _host.Client.PostAsJsonAsync("/v1/chat/completions", new
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

    [Theory]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}]}""", "tools")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}""", "response_format")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}""", "messages[0]")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"c","content":"b"}]}""", "messages[1]")]
    public async Task MoreThanText_IsRefusedAndNotLeftOut(string body, string field)
    {
        using var response = await _host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString());
        Assert.Empty(_upstream.Requests);
    }
}
