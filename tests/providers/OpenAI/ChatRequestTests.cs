using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Tests.OpenAI;

/// <summary>What a request looks like on the wire, compared as JSON.</summary>
public sealed class ChatRequestTests
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"}}}""");

    [Fact]
    public void Text_IsPlainContent()
        => AssertSent(
            """{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Grüße 世界"}],"stream":false}""",
            [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Grüße 世界")]);

    [Fact]
    public void Instructions_BecomeTheFirstSystemMessage()
        => AssertSent(
            """{"model":"m","messages":[{"role":"system","content":"Rule."},{"role":"user","content":"Hi"}],"stream":false}""",
            [new(ChatRole.User, "Hi")],
            new ChatOptions { Instructions = "Rule." });

    [Fact]
    public void Images_BecomeContentParts()
        => AssertSent(
            """
            {"model":"m","messages":[{"role":"user","content":[
              {"type":"text","text":"What is this?"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},
              {"type":"image_url","image_url":{"url":"https://example.com/a.jpg","detail":"low"}}]}],"stream":false}
            """,
            [new(ChatRole.User, [
                new TextContent("What is this?"),
                new DataContent(new byte[] { 1, 2, 3 }, "image/png"),
                new UriContent("https://example.com/a.jpg", "image/jpeg") { AdditionalProperties = new() { ["detail"] = "low" } }])]);

    [Fact]
    public void ToolRound_KeepsCallsAndResultsTogether()
        => AssertSent(
            """
            {"model":"m","messages":[
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"sunny"},
              {"role":"tool","tool_call_id":"c2","content":"{\"degrees\":21}"}],"stream":false}
            """,
            [
                new(ChatRole.Assistant, [new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Bern" })]),
                new(ChatRole.Tool, [new FunctionResultContent("c1", "sunny"), new FunctionResultContent("c2", JsonElement.Parse("""{"degrees":21}"""))]),
            ]);

    [Fact]
    public void Options_AreAllSent()
        => AssertSent(
            """
            {"model":"m","messages":[],"stream":false,"max_tokens":50,"temperature":0.5,"top_p":0.25,"frequency_penalty":0.75,"presence_penalty":-0.5,
             "top_k":3,"seed":42,"stop":["END","STOP"],"reasoning_effort":"low","parallel_tool_calls":false}
            """,
            [],
            new ChatOptions
            {
                MaxOutputTokens = 50,
                Temperature = 0.5f,
                TopP = 0.25f,
                FrequencyPenalty = 0.75f,
                PresencePenalty = -0.5f,
                TopK = 3,
                Seed = 42,
                StopSequences = ["END", "STOP"],
                Reasoning = new() { Effort = ReasoningEffort.Low },
                AllowMultipleToolCalls = false,
            });

    [Fact]
    public void Tools_AreDeclaredWithSchemaAndChoice()
        => AssertSent(
            """
            {"model":"m","messages":[],"stream":false,
             "tools":[{"type":"function","function":{"name":"weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
             "tool_choice":{"type":"function","function":{"name":"weather"}}}
            """,
            [],
            new ChatOptions
            {
                Tools = [AIFunctionFactory.CreateDeclaration("weather", "Tells the weather.", Schema)],
                ToolMode = ChatToolMode.RequireSpecific("weather"),
            });

    [Theory]
    [InlineData("auto")]
    [InlineData("none")]
    [InlineData("required")]
    public void ToolChoice_IsWritten(string expected)
    {
        ChatToolMode mode = expected switch { "auto" => ChatToolMode.Auto, "none" => ChatToolMode.None, _ => ChatToolMode.RequireAny };
        var options = new ChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("t", null, Schema)], ToolMode = mode };

        Assert.Equal(expected, Write([], options)["tool_choice"]!.GetValue<string>());
    }

    [Fact]
    public void ResponseFormat_CarriesTheSchema()
        => AssertSent(
            """
            {"model":"m","messages":[],"stream":false,"response_format":{"type":"json_schema","json_schema":{"name":"place",
             "schema":{"type":"object","properties":{"city":{"type":"string"}}}}}}
            """,
            [],
            new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "place") });

    [Fact]
    public void ResponseFormat_JsonWithoutSchema_IsJsonObject()
        => Assert.Equal("json_object", Write([], new ChatOptions { ResponseFormat = ChatResponseFormat.Json })["response_format"]!["type"]!.GetValue<string>());

    [Fact]
    public void AdditionalProperties_PassThroughAndWin_ButNeverReplaceTheClientsOwn()
        => AssertSent(
            """
            {"model":"m","messages":[],"stream":false,"temperature":1,"logprobs":true,"logit_bias":{"50256":-100},"metadata":{"a":[1,"x",null]},"max_completion_tokens":7}
            """,
            [],
            new ChatOptions
            {
                Temperature = 0.25f,
                MaxOutputTokens = 9,
                AdditionalProperties = new()
                {
                    ["temperature"] = 1,
                    ["logprobs"] = true,
                    ["logit_bias"] = JsonElement.Parse("""{"50256":-100}"""),
                    ["metadata"] = new Dictionary<string, object?> { ["a"] = new object?[] { 1, "x", null } },
                    ["max_completion_tokens"] = 7,
                    ["stream"] = true,
                    ["model"] = "other",
                },
            });

    [Fact]
    public void AdditionalProperties_ThatAreNotJson_StayHere()
        => AssertSent(
            """{"model":"m","messages":[],"stream":false}""",
            [],
            new ChatOptions { AdditionalProperties = new() { [Passage.PropertyName] = new[] { new Passage(new Citation(1, "d"), null, "private") } } });

    [Fact]
    public void Stream_AsksForUsage()
        => Assert.Equal("""{"include_usage":true}""", Write([], null, stream: true)["stream_options"]!.ToJsonString());

    [Theory]
    [InlineData(MaxTokensField.ByAddress, "https://api.openai.com/v1", "max_completion_tokens")]
    [InlineData(MaxTokensField.ByAddress, "http://localhost:11434/v1", "max_tokens")]
    [InlineData(MaxTokensField.MaxTokens, "https://api.openai.com/v1", "max_tokens")]
    [InlineData(MaxTokensField.MaxCompletionTokens, "http://localhost:11434/v1", "max_completion_tokens")]
    public void MaxTokensField_FollowsSettingAndAddress(MaxTokensField field, string address, string expected)
        => Assert.Equal(expected, MaxTokensFieldName.For(field, new Uri(address)));

    [Fact]
    public void Tool_WithoutAForm_IsTheCallersMistake()
    {
        var failure = Assert.Throws<UpstreamException>(() => Write([], new ChatOptions { Tools = [new HostedWebSearchTool()] }));

        Assert.Equal((UpstreamFailure.InvalidRequest, false), (failure.Failure, failure.MayTryNext));
    }

    [Fact]
    public void IllFormedText_IsSentAsReplacementCharacters()
        => Assert.Equal("a\uFFFDb", Write([new(ChatRole.User, "a\uD800b")], null)["messages"]![0]!["content"]!.GetValue<string>());

    private static JsonNode Write(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream = false)
        => JsonNode.Parse(new ChatRequestWriter("max_tokens", new UpstreamFaults("u")).Write("m", messages, options, stream).Span)!;

    private static void AssertSent(string expected, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        var sent = Write(messages, options);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), sent), $"Sent: {sent.ToJsonString()}");
    }
}
