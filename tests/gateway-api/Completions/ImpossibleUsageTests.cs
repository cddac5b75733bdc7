using System.Net;
using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>
/// Usage that cannot be, as upstreams of both protocols may report it. The answer is worth no less for it: the client gets it, what is booked lies between
/// nothing and 10¹² tokens, what is no whole number is counted here, and the ledger's sum stays the budgets' spend.
/// </summary>
public sealed class ImpossibleUsageTests : IAsyncLifetime
{
    private const string OpenAIForm = """{"prompt_tokens":INPUT,"completion_tokens":OUTPUT}""";
    private const string AnthropicForm = """{"input_tokens":INPUT,"output_tokens":OUTPUT}""";
    private const long Most = 1_000_000_000_000;

    /// <summary>Stands for what this server counts where an upstream reports nothing.</summary>
    private const long Counted = -1;

    private static readonly (string Input, string Output, long BookedInput, long BookedOutput)[] Reports =
    [
        ("null", "null", Counted, Counted),
        ("-5", "-7", 0, 0),
        ("-1e30", "3", 0, 3),
        ("1e30", "3", Most, 3),
        ("9223372036854775807", "9223372036854775807", Most, Most),
        ("1e400", "-1e400", Most, 0),
        ("1000000000001", "1000000000000", Most, Most),
        ("12.5", "3", Counted, 3),
        ("7", "0.1", 7, Counted),
        ("1", "2.0e0", 1, 2),
        ("\"7\"", "\"x\"", Counted, Counted),
        ("{}", "[3]", Counted, Counted),
        ("true", "8", Counted, 8),
    ];

    private ScriptedUpstream _openAI = null!;
    private ScriptedUpstream _anthropic = null!;
    private GatewayHost _host = null!;
    private (string Input, string Output, long BookedInput, long BookedOutput) _report = Reports[0];

    public async Task InitializeAsync()
    {
        (_openAI, _anthropic) = (await ScriptedUpstream.StartAsync(), await ScriptedUpstream.StartAsync());
        _host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            ApiKeys =
            [
                new ApiKeyOptions { Id = "a", Secret = "sk-a", Budget = new BudgetOptions { Usd = 900_000_000, Window = BudgetWindow.Total } },
                new ApiKeyOptions { Id = "limited", Secret = "sk-limited", Limits = new LimitOptions { TokensPerMinute = 100_000 } },
            ],
            Upstreams =
            [
                new UpstreamOptions { Id = "o", BaseUrl = _openAI.BaseUrl, MaxRetries = 0 },
                new UpstreamOptions { Id = "a", Kind = UpstreamKind.Anthropic, BaseUrl = _anthropic.BaseUrl, ApiKey = "k", MaxRetries = 0 },
            ],
            Models = [ModelOf("openai", "o/m"), ModelOf("anthropic", "a/m")],
            Embeddings = new EmbeddingsOptions { Model = "o/embedder", InputUsdPerMillion = 0.02m, CacheTtl = TimeSpan.Zero },
            Search = new SearchOptions { RerankModel = "o/reranker", RerankUsdPerMillion = 0.05m },
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
    [InlineData("/v1/messages", "anthropic", false)]
    [InlineData("/v1/messages", "anthropic", true)]
    [InlineData("/v1/messages", "openai", false)]
    [InlineData("/v1/messages", "openai", true)]
    [InlineData("/v1/responses", "openai", false)]
    [InlineData("/v1/responses", "anthropic", true)]
    public async Task Answer_IsGivenAndBooked_WhateverUsageTheUpstreamReports(string path, string model, bool stream)
    {
        _openAI.Fallback = request => OpenAIAnswer(request, Usage(OpenAIForm));
        _anthropic.Fallback = request => AnthropicAnswer(request, Usage(AnthropicForm));
        object body = path.EndsWith("/responses", StringComparison.Ordinal)
            ? new { model, stream, input = "Hi" }
            : new { model, stream, max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } };

        await AssertEachIsBookedAsync(() => TextAsync(path, body), answer => Assert.Contains("Hello", answer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Turn_IsCompletedAndBooked_WhateverUsageTheUpstreamReports(string model)
    {
        _openAI.Fallback = request => OpenAIAnswer(request, Usage(OpenAIForm));
        _anthropic.Fallback = request => AnthropicAnswer(request, Usage(AnthropicForm));

        // A new session each time: a history would add to what is counted.
        await AssertEachIsBookedAsync(
            async () =>
            {
                var session = JsonElement.Parse(await TextAsync("/api/sessions", new { model })).GetProperty("id").GetString();
                return await TextAsync($"/api/sessions/{session}/turns", new { message = "Hi" });
            },
            answer => Assert.Equal("completed", JsonElement.Parse(answer).GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Embeddings_AreGivenAndBooked_WhateverUsageTheUpstreamReports()
    {
        _openAI.Fallback = _ => Reply.Raw(200, "application/json", $$"""{"data":[{"index":0,"embedding":[0.6,0.8]}],"usage":{{Usage(OpenAIForm)}} }""");

        await AssertEachIsBookedAsync(
            () => TextAsync("/v1/embeddings", new { model = "o/embedder", input = "Hi" }),
            answer => Assert.Contains("0.6", answer, StringComparison.Ordinal),
            hasOutput: false);
    }

    [Fact]
    public async Task Search_IsAnsweredAndBooked_WhateverUsageItsModelsReport()
    {
        _openAI.Fallback = _ => Reply.Raw(200, "application/json", """{"data":[{"index":0,"embedding":[0.6,0.8]}],"usage":{"prompt_tokens":0}}""");
        using (var created = await _host.SendAsync(HttpMethod.Put, "/api/collections/docs", "sk-a", new { }))
            Assert.True(created.IsSuccessStatusCode);
        await TextAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "the fox jumps over" } } });
        var number = 0;

        // The same numbers for the question's vector and for the score: they are booked together.
        _openAI.Fallback = request => Reply.Raw(200, "application/json", request.Path.EndsWith("/rerank", StringComparison.Ordinal)
            ? $$"""{"results":[{"index":0,"relevance_score":0.4}],"usage":{"total_tokens":0} }"""
            : $$"""{"data":[{"index":0,"embedding":[0.6,0.8]}],"usage":{{Usage(OpenAIForm)}} }""");
        await AssertEachIsBookedAsync(() => SearchAsync("fox"), NotDegraded, hasOutput: false, requests: 2);

        _openAI.Fallback = request => Reply.Raw(200, "application/json", request.Path.EndsWith("/rerank", StringComparison.Ordinal)
            ? $$"""{"results":[{"index":0,"relevance_score":0.4}],"usage":{"total_tokens":{{_report.Input}} } }"""
            : """{"data":[{"index":0,"embedding":[0.6,0.8]}],"usage":{"prompt_tokens":0}}""");
        await AssertEachIsBookedAsync(() => SearchAsync("box"), NotDegraded, hasOutput: false, requests: 2);

        Task<string> SearchAsync(string word) => TextAsync("/api/search", new { query = $"{word} {number++:000}", collection = "docs", rerank = true });

        static void NotDegraded(string answer) => Assert.False(JsonElement.Parse(answer).GetProperty("degraded").GetBoolean(), answer);
    }

    [Theory]
    [InlineData("\"many\"")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task Usage_ThatIsNoObjectOfCounts_CountsAsNone(string usage)
    {
        _openAI.Fallback = request => OpenAIAnswer(request, usage);
        _anthropic.Fallback = request => AnthropicAnswer(request, usage);
        foreach (var (path, model) in new[] { ("/v1/chat/completions", "openai"), ("/v1/messages", "anthropic"), ("/v1/messages", "openai"), ("/v1/chat/completions", "anthropic") })
        {
            foreach (var stream in new[] { false, true })
            {
                var before = await TotalAsync();
                Assert.Contains("Hello", await TextAsync(path, new { model, stream, max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } }), StringComparison.Ordinal);
                var after = await TotalAsync();
                Assert.Equal(1, Number(after, "estimatedRequests") - Number(before, "estimatedRequests"));
                Assert.InRange(Number(after, "outputTokens") - Number(before, "outputTokens"), 1, 50);
            }
        }
    }

    [Fact]
    public async Task Parts_ThatAreMoreThanTheirWhole_AreBookedAsFarAsItGoes()
    {
        _openAI.Fallback = request => OpenAIAnswer(
            request, """{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":1e30},"completion_tokens_details":{"reasoning_tokens":99}}""");
        await TextAsync("/v1/chat/completions", new { model = "openai", messages = new[] { new { role = "user", content = "Hi" } } });

        var total = await TotalAsync();

        Assert.Equal((10, 10, 4, 4), (Number(total, "inputTokens"), Number(total, "cachedInputTokens"), Number(total, "outputTokens"), Number(total, "reasoningTokens")));
        Assert.Equal(18m / 1_000_000, total.GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Limit_ThatAnImpossibleReportFills_IsFreeAgainAfterItsWindow()
    {
        _openAI.Fallback = request => OpenAIAnswer(request, """{"prompt_tokens":1e30,"completion_tokens":1e30}""");
        var body = new { model = "openai", messages = new[] { new { role = "user", content = "Hi" } } };
        await TextAsync("/v1/chat/completions", body, "sk-limited");

        using var refused = await _host.SendAsync(HttpMethod.Post, "/v1/chat/completions", "sk-limited", body);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    private static ModelOptions ModelOf(string id, string target) =>
        new() { Id = id, Route = [target], MaxOutputTokens = 50, InputUsdPerMillion = 1, OutputUsdPerMillion = 2 };

    private string Usage(string form) =>
        form.Replace("INPUT", _report.Input, StringComparison.Ordinal).Replace("OUTPUT", _report.Output, StringComparison.Ordinal);

    private static Reply OpenAIAnswer(RecordedRequest request, string usage) => request.IsStream
        ? Reply.RawStream($$"""
            data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"} }]}

            data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{{usage}} }

            data: [DONE]


            """)
        : Reply.Raw(200, "application/json", $$"""
            {"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{{usage}} }
            """);

    private static Reply AnthropicAnswer(RecordedRequest request, string usage) => request.IsStream
        ? Reply.RawStream($$"""
            event: message_start
            data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{{usage}} } }

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""} }

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"} }

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{{usage}} }

            event: message_stop
            data: {"type":"message_stop"}


            """)
        : Reply.Raw(200, "application/json", $$"""
            {"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{{usage}} }
            """);

    /// <summary>Asks once for each report, and holds the growth of the ledger and the budget against what that report is to be booked as.</summary>
    private async Task AssertEachIsBookedAsync(Func<Task<string>> ask, Action<string> check, bool hasOutput = true, int requests = 1)
    {
        (long Input, long Output)? counted = null;
        foreach (var report in Reports)
        {
            _report = report;
            var before = await TotalAsync();
            check(await ask());
            var after = await TotalAsync();
            var (input, output) = (Number(after, "inputTokens") - Number(before, "inputTokens"), Number(after, "outputTokens") - Number(before, "outputTokens"));
            counted ??= (input, output);
            Assert.True(input >= 0 && counted.Value.Input > 0 && (counted.Value.Output > 0) == hasOutput, $"{report}: {input}, {output}");
            Assert.Equal(
                (report, report.BookedInput == Counted ? counted.Value.Input : report.BookedInput),
                (report, input));
            var booked = report.BookedOutput == Counted ? counted.Value.Output : report.BookedOutput;
            Assert.Equal((report, hasOutput ? booked : 0), (report, output));
            Assert.Equal((report, requests), (report, (int)(Number(after, "requests") - Number(before, "requests"))));
            var estimated = report.BookedInput == Counted || (hasOutput && report.BookedOutput == Counted);
            Assert.Equal((report, estimated ? 1 : 0), (report, (int)(Number(after, "estimatedRequests") - Number(before, "estimatedRequests"))));

            var budget = JsonElement.Parse(await GetAsync("/api/limits")).GetProperty("scopes")[0].GetProperty("budget");
            Assert.Equal(after.GetProperty("costUsd").GetDecimal(), budget.GetProperty("spentUsd").GetDecimal());
            Assert.Equal(0m, budget.GetProperty("reservedUsd").GetDecimal());
        }
    }

    private static long Number(JsonElement total, string name) => total.GetProperty(name).GetInt64();

    private async Task<JsonElement> TotalAsync() => JsonElement.Parse(await GetAsync("/api/usage")).GetProperty("total");

    private async Task<string> GetAsync(string path)
    {
        using var response = await _host.SendAsync(HttpMethod.Get, path, "sk-a");
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<string> TextAsync(string path, object body, string secret = "sk-a")
    {
        using var response = await _host.SendAsync(HttpMethod.Post, path, secret, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} for {_report}: {text}");
        return text;
    }
}
