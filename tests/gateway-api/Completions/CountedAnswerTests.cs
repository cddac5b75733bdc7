using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>
/// An answer whose upstream reports no usage is counted by its words alone, and the same in every way it can come: whole or streamed, to the letter or translated,
/// and in pieces of several words, as Anthropic's servers and others send them.
/// </summary>
public sealed class CountedAnswerTests : IAsyncLifetime
{
    private static readonly string[] Pieces = ["Tea is a drink", " that many people like", " to have in the", " afternoon, with milk."];

    private ScriptedUpstream _openAI = null!;
    private ScriptedUpstream _anthropic = null!;
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        (_openAI, _anthropic) = (await ScriptedUpstream.StartAsync(), await ScriptedUpstream.StartAsync());
        _openAI.Fallback = request => request.IsStream ? StreamOfOpenAI() : WholeOfOpenAI();
        _anthropic.Fallback = request => request.IsStream ? StreamOfAnthropic() : WholeOfAnthropic();
        _host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }],
            Upstreams =
            [
                new UpstreamOptions { Id = "o", BaseUrl = _openAI.BaseUrl, MaxRetries = 0 },
                new UpstreamOptions { Id = "a", Kind = UpstreamKind.Anthropic, BaseUrl = _anthropic.BaseUrl, ApiKey = "k", MaxRetries = 0 },
            ],
            Models = [new ModelOptions { Id = "openai", Route = ["o/m"] }, new ModelOptions { Id = "anthropic", Route = ["a/m"] }],
        });
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _openAI.DisposeAsync();
        await _anthropic.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/chat/completions", "openai", false)]
    [InlineData("/v1/chat/completions", "openai", true)]
    [InlineData("/v1/chat/completions", "anthropic", false)]
    [InlineData("/v1/chat/completions", "anthropic", true)]
    [InlineData("/v1/messages", "openai", false)]
    [InlineData("/v1/messages", "openai", true)]
    [InlineData("/v1/messages", "anthropic", false)]
    [InlineData("/v1/messages", "anthropic", true)]
    public async Task Answer_WithoutUsage_IsCountedByItsWords_HoweverItComes(string path, string model, bool stream)
    {
        using var answer = await _host.SendAsync(
            HttpMethod.Post, path, "sk-a", new { model, stream, max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.Contains("milk", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var report = await _host.SendAsync(HttpMethod.Get, "/api/usage", "sk-a");
        var total = JsonElement.Parse(await report.Content.ReadAsStringAsync()).GetProperty("total");

        Assert.Equal(1, total.GetProperty("estimatedRequests").GetInt64());
        Assert.Equal(TokenEstimate.Count(string.Concat(Pieces)), total.GetProperty("outputTokens").GetInt64());
    }

    [Theory]
    [InlineData("""[{"index":0,"logprobs":null,"message":{"role":"assistant","content":"four little words here"},"finish_reason":"stop"}]""", 6)]
    [InlineData("""[{"message":{"content":"one"}},{"message":{"content":"two"}}]""", 2)]
    [InlineData("""[{"message":{"content":[{"type":"text","text":"one two"}],"reasoning_content":"hm"}}]""", 3)]
    [InlineData("""[{"message":{"content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}]}}]""", 3)]
    [InlineData("""[{"type":"thinking","thinking":"hm","signature":"abcdefghijkl"},{"type":"text","text":"one"},{"type":"tool_use","id":"t","name":"look","input":{}}]""", 5)]
    [InlineData("\"text\"", 0)]
    [InlineData("null", 0)]
    public void Count_OfAWholeAnswer_IsOfWhatItsModelWrote(string answers, int tokens) =>
        Assert.Equal(tokens, GatewayApi.OpenAI.AnswerTokens.Count(JsonElement.Parse(answers)));

    private static Reply StreamOfOpenAI() => Reply.RawStream(
        string.Concat(Pieces.Select(piece => $$"""data: {"id":"c","choices":[{"index":0,"delta":{"content":"{{piece}}"} }]}""" + "\n\n"))
        + """data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");

    private static Reply WholeOfOpenAI() => Reply.Raw(200, "application/json", $$"""
        {"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"{{string.Concat(Pieces)}}"},"finish_reason":"stop"}]}
        """);

    private static Reply StreamOfAnthropic() => Reply.RawStream(
        """data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[]} }""" + "\n\n"
        + """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""} }""" + "\n\n"
        + string.Concat(Pieces.Select(piece => $$"""data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{piece}}"} }""" + "\n\n"))
        + """data: {"type":"content_block_stop","index":0}""" + "\n\n"
        + """data: {"type":"message_delta","delta":{"stop_reason":"end_turn"} }""" + "\n\n"
        + """data: {"type":"message_stop"}""" + "\n\n");

    private static Reply WholeOfAnthropic() => Reply.Raw(200, "application/json", $$"""
        {"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"{{string.Concat(Pieces)}}"}],"stop_reason":"end_turn"}
        """);
}
