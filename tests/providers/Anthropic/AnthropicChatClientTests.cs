using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Anthropic;

public sealed class AnthropicChatClientTests : IAsyncLifetime
{
    private ScriptedUpstream _upstream = null!;
    private UpstreamRegistry _registry = null!;

    private IChatClient Chat => _registry.Chat(new UpstreamTarget("anthropic", "claude"));

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _registry = Registry(_upstream.BaseUrl);
    }

    public async Task DisposeAsync()
    {
        _registry.Dispose();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1", null, "2023-06-01")]
    [InlineData("", "2024-01-01", "2024-01-01")]
    public async Task Request_GoesToMessagesWithKeyAndVersion(string path, string? version, string expected)
    {
        using var registry = Registry(_upstream.BaseUrl[..^"/v1".Length] + path, version);
        _upstream.Enqueue(Reply.Message("Hi"));

        await registry.Chat(new UpstreamTarget("anthropic", "claude")).GetResponseAsync("Hello", cancellationToken: TestConnection.Patience());

        var request = Assert.Single(_upstream.Requests);
        Assert.Equal(("/messages", "claude", "sk-ant"), (request.Path, request.Model, request.Headers["x-api-key"]));
        Assert.Equal(expected, request.Headers["anthropic-version"]);
        Assert.False(request.Headers.ContainsKey("Authorization"));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 7)]
    public async Task Answer_GivesThinkingTextUsageAndReason(bool isStream, int bytesPerWrite)
    {
        _upstream.Enqueue(Reply.Message("Grüße, 世界!").WithThinking("Hm.").WithUsage(100, 7, cacheReadTokens: 60, cacheCreationTokens: 30).SplitBytes(bytesPerWrite));

        var response = await AskAsync(isStream);

        Assert.Equal("Grüße, 世界!", response.Text);
        var thinking = response.Messages[0].Contents.OfType<TextReasoningContent>().ToList();
        Assert.Equal("Hm.", string.Concat(thinking.Select(part => part.Text)));
        Assert.Equal("scripted-signature", thinking[^1].ProtectedData);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(("msg_scripted", "claude"), (response.ResponseId, response.ModelId));
        Assert.Equal((100, 7, 107, 60), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.CachedInputTokenCount));
        Assert.Equal(30, response.Usage.AdditionalCounts!["cache_creation_input_tokens"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolCalls_ComeWholeWithTheirArguments(bool isStream)
    {
        _upstream.Enqueue(Reply.Message("Let me see.").Calling(
            new ScriptedToolCall("toolu_1", "weather", """{"city":"Zürich","days":3}"""), new ScriptedToolCall("toolu_2", "time", "")));

        var response = await AskAsync(isStream);

        var calls = response.Messages[0].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal([("toolu_1", "weather"), ("toolu_2", "time")], calls.Select(call => (call.CallId, call.Name)));
        Assert.Equal("Zürich", calls[0].Arguments!["city"]?.ToString());
        Assert.Empty(calls[1].Arguments!);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData("max_tokens", "length")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("refusal", "content_filter")]
    [InlineData("something_new", "something_new")]
    public async Task StopReason_IsPutInCommonTerms(string sent, string expected)
    {
        _upstream.Enqueue(Reply.Message("a").WithStopReason(sent));

        Assert.Equal(expected, (await AskAsync(isStream: true)).FinishReason?.Value);
    }

    [Fact]
    public async Task Conversation_IsWrittenInBlocksOfTwoRoles()
    {
        _upstream.Enqueue(Reply.Message("ok"));
        ChatMessage[] messages =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, [new TextContent("Look"), new DataContent(new byte[] { 1, 2, 3 }, "image/png"), new UriContent("https://example.org/a.png", "image/png")]),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "f", new Dictionary<string, object?> { ["x"] = 1 }), new FunctionCallContent("c2", "g")]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "one")]),
            new(ChatRole.Tool, [new FunctionResultContent("c2", "two")]),
            new(ChatRole.User, ""),
        ];

        await Chat.GetResponseAsync(messages, cancellationToken: TestConnection.Patience());

        var body = _upstream.Requests[0].Body;
        Assert.Equal("Be brief.", body.GetProperty("system").GetString());
        AssertJson(
            """
            [{"role":"user","content":[{"type":"text","text":"Look"},
               {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}},
               {"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]},
             {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"x":1}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one"},{"type":"tool_result","tool_use_id":"c2","content":"two"}]}]
            """,
            body.GetProperty("messages"));
    }

    [Fact]
    public async Task Options_AreWrittenAsAnthropicNamesThem()
    {
        _upstream.Enqueue(Reply.Message("ok"));
        var options = new ChatOptions
        {
            MaxOutputTokens = 9,
            Temperature = 2,
            TopK = 4,
            StopSequences = ["END"],
            Tools = [AIFunctionFactory.CreateDeclaration("f", "does f", JsonElement.Parse("""{"type":"object"}"""))],
            ToolMode = ChatToolMode.RequireSpecific("f"),
            AllowMultipleToolCalls = false,
            AdditionalProperties = new() { ["metadata"] = JsonElement.Parse("""{"user_id":"u"}"""), ["logit_bias"] = 1 },
        };

        await Chat.GetResponseAsync("Hi", options, TestConnection.Patience());

        AssertJson(
            """
            {"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":false,
             "temperature":1,"top_k":4,"stop_sequences":["END"],"tools":[{"name":"f","description":"does f","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"metadata":{"user_id":"u"}}
            """,
            _upstream.Requests[0].Body);
    }

    [Fact]
    public async Task Stream_GivesEachTokenAsItArrives()
    {
        using var gate = new StreamGate();
        _upstream.Enqueue(Reply.Message("one", " two").GatedBy(gate));
        await using var updates = Chat.GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()).GetAsyncEnumerator();

        var first = updates.MoveNextAsync().AsTask();
        await _upstream.NextRequestAsync(TestConnection.Patience());
        Assert.False(first.IsCompleted);
        gate.Release();
        Assert.True(await first);
        Assert.Equal("one", updates.Current.Text);
    }

    [Theory]
    [InlineData(StreamFault.Cut, UpstreamFailure.Protocol)]
    [InlineData(StreamFault.EndEarly, UpstreamFailure.Protocol)]
    [InlineData(StreamFault.Malformed, UpstreamFailure.Protocol)]
    [InlineData(StreamFault.Error, UpstreamFailure.ServerError)]
    public async Task Stream_ThatGoesWrong_FailsAfterTheTextThatCame(StreamFault fault, UpstreamFailure expected)
    {
        _upstream.Enqueue(Reply.Message("a", "b", "c").Failing(fault, after: 2));
        var text = "";

        var failure = await Assert.ThrowsAsync<UpstreamException>(async () =>
        {
            await foreach (var update in Chat.GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()))
                text += update.Text;
        });

        Assert.Equal("ab", text);
        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "invalid_request_error", UpstreamFailure.InvalidRequest)]
    [InlineData(401, "authentication_error", UpstreamFailure.Unauthorized)]
    [InlineData(404, "not_found_error", UpstreamFailure.NotFound)]
    [InlineData(413, "request_too_large", UpstreamFailure.InvalidRequest)]
    [InlineData(429, "rate_limit_error", UpstreamFailure.RateLimited)]
    [InlineData(529, "overloaded_error", UpstreamFailure.ServerError)]
    public async Task Refusal_IsTranslatedWithItsMessageAndWait(int status, string type, UpstreamFailure expected)
    {
        _upstream.Enqueue(Reply.AnthropicError(status, type, "Not now.").WithHeader("retry-after", "7"));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => Chat.GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

        Assert.Equal((expected, status, TimeSpan.FromSeconds(7)), (failure.Failure, failure.StatusCode, failure.RetryAfter));
        // What an upstream says about this server's key is not for callers.
        Assert.Equal(expected is not UpstreamFailure.Unauthorized, failure.Message.Contains("Not now.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Overload_IsRetriedAfterTheWaitAskedFor()
    {
        using var registry = Registry(_upstream.BaseUrl, retries: 1);
        _upstream.Enqueue(Reply.AnthropicError(529, "overloaded_error", "Overloaded").WithHeader("retry-after", "0"), Reply.Message("Better now"));

        var response = await registry.Chat(new UpstreamTarget("anthropic", "claude")).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

        Assert.Equal("Better now", response.Text);
        Assert.Equal(2, _upstream.Requests.Count);
    }

    [Fact]
    public void Embeddings_AreRefusedAsTheCallersMistake()
        => Assert.Equal(400, Assert.Throws<RequestException>(() => _registry.Embeddings(new UpstreamTarget("anthropic", "claude"))).Problem.Status);

    private static void AssertJson(string expected, JsonElement actual)
        => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());

    private static UpstreamRegistry Registry(string address, string? version = null, int retries = 0) => new(
        [new UpstreamOptions { Id = "anthropic", Kind = UpstreamKind.Anthropic, BaseUrl = address, ApiKey = "sk-ant", ApiVersion = version, MaxRetries = retries }],
        TimeProvider.System,
        NullLoggerFactory.Instance);

    private async Task<ChatResponse> AskAsync(bool isStream) => isStream
        ? await Chat.GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()).ToChatResponseAsync()
        : await Chat.GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());
}
