using System.Net;
using System.Net.Http.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Telemetry;

public sealed class MetricsRouteTests
{
    [Fact]
    public async Task Metrics_AfterWork_TellOfIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 10, Window = BudgetWindow.Total } },
        }));
        upstream.Enqueue(Reply.Text("Hi").WithUsage(7, 3));
        await host.PostAsync("/chat", new { api_version = "v1", message = "Hello", session_id = "s1" });
        upstream.Enqueue(Reply.Text("Hi").WithUsage(11, 5));
        await host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
        upstream.Enqueue(Reply.Status(500));
        using (await host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}""")))
        {
        }

        using (await host.Client.PutAsync("/api/collections/docs", GatewayHost.Json("{}")))
        {
        }

        await host.PostAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "Some text to find." } } });
        await host.PostAsync("/api/search", new { query = "text", collection = "docs" });

        // A client has the answer before it is known to be on the ledger, which is when its cost is counted; what budgets have spent is a few seconds old.
        const double Cost = 0.000018 + (8 * 0.000002);
        var page = await ReadAsync(host);
        await TestWait.UntilAsync(async () =>
            (page = await ReadAsync(host)).Sum("orleanschat_cost_usd_total") > Cost * 0.9 && page.Sum("orleanschat_budget_spent_usd", ("scope", "org")) > Cost * 0.9);

        (string, string)[] model = [("gen_ai_operation_name", "chat"), ("gen_ai_request_model", "scripted-model"), ("gen_ai_provider_name", "openai"), ("orleanschat_upstream", "scripted")];
        Assert.Equal(18, page.Sum("gen_ai_client_token_usage_sum", [("gen_ai_token_type", "input"), .. model]));
        Assert.Equal(8, page.Sum("gen_ai_client_token_usage_sum", [("gen_ai_token_type", "output"), .. model]));
        Assert.Equal(3, page.Sum("gen_ai_client_operation_duration_seconds_count", model));
        Assert.Equal(1, page.Sum("gen_ai_client_operation_duration_seconds_count", ("error_type", "ServerError")));
        Assert.Equal(1, page.Sum("gen_ai_client_operation_time_to_first_chunk_seconds_count", model));
        Assert.Equal(2, page.Sum("embedding_requests_total", ("model", "builtin/hashing"), ("outcome", "ok")));
        Assert.Equal(2, page.Sum("embedding_duration_seconds_count"));
        Assert.Equal(3, page.Sum("orleanschat_admission_duration_seconds_count", ("outcome", "admitted")));
        Assert.Equal(Cost, page.Sum("orleanschat_cost_usd_total"), 12);
        Assert.Equal(10, page.Sum("orleanschat_budget_limit_usd", ("scope", "org")));
        Assert.Equal(page.Sum("orleanschat_cost_usd_total"), page.Sum("orleanschat_budget_spent_usd", ("scope", "org")), 12);
        Assert.Equal(0, page.Sum("orleanschat_breaker_state", ("upstream", "scripted")));
        Assert.Equal(1, page.Sum("orleanschat_breaker_failures", ("upstream", "scripted")));
        Assert.Equal(1, page.Sum("orleanschat_sessions_live"));
        Assert.Equal(1, page.Sum("orleanschat_journal_healthy"));
        Assert.True(page.Sum("orleanschat_journal_writes_total") > 0);
        Assert.Equal(1, page.Sum("http_server_request_duration_seconds_count", ("http_route", "/v1/chat/completions"), ("http_response_status_code", "200")));
        Assert.All(page.Types.Keys, name => Assert.True(page.Help.ContainsKey(name), name));
    }

    [Fact]
    public async Task Metrics_OfACallThatBreaksOff_TellWhatIsBookedForIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));
        upstream.Enqueue(Reply.Pieces("one", " two", " three").CutAfter(2));
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions"))
        {
            request.Content = GatewayHost.Json("""{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
            using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        }

        await TestWait.UntilAsync(async () => (await host.GetAsync("/api/usage")).GetProperty("total").GetProperty("requests").GetInt64() == 1);

        var total = (await host.GetAsync("/api/usage")).GetProperty("total");
        var page = await ReadAsync(host);
        foreach (var (kind, field) in new[] { ("input", "inputTokens"), ("output", "outputTokens") })
        {
            Assert.True(total.GetProperty(field).GetInt64() > 0);
            Assert.Equal(total.GetProperty(field).GetInt64(), page.Sum("gen_ai_client_token_usage_sum", ("gen_ai_token_type", kind)));
        }

        Assert.Equal(1, page.Sum("gen_ai_client_operation_duration_seconds_count"));
        Assert.Equal(1, page.Sum("gen_ai_client_operation_duration_seconds_count", ("error_type", "Protocol")));
    }

    [Fact]
    public async Task Metrics_AskedForAsOpenMetrics_AreThat()
    {
        await using var host = await GatewayHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text; version=1.0.0");
        using var response = await host.Client.SendAsync(request);
        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("# EOF\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_OfARequestInATrace_HaveItAsTheirExample()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));
        upstream.Enqueue(Reply.Text("Hi"));
        using (var traced = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions"))
        {
            traced.Content = GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}""");
            traced.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            (await host.Client.SendAsync(traced)).Dispose();
        }

        string[] names = ["gen_ai_client_operation_duration_seconds_bucket", "http_server_request_duration_seconds_bucket"];
        await TestWait.UntilAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Accept.ParseAdd("application/openmetrics-text");
            using var response = await host.Client.SendAsync(request);
            var page = MetricPage.Parse(await response.Content.ReadAsStringAsync());
            return names.All(name => page.Find(name).Any(sample => sample.TraceId == trace));
        });
    }

    [Fact]
    public async Task Metrics_OfStreamsSocketsAndSessions_CountThemWhileTheyAreOpen()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Pieces("one", "two").GatedBy(gate));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = GatewayHost.Json("""{"message":"Hi"}""") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using (var stream = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            using (await SocketClient.OpenAsync(host.Address))
                await UntilAsync(("orleanschat_streams_open", 1), ("orleanschat_sockets_open", 1), ("orleanschat_sessions_removed_total", 0));

            gate.Open();
            await stream.Content.ReadAsStringAsync();
        }

        using (var deleted = await host.Client.DeleteAsync($"/api/sessions/{session}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await UntilAsync(("orleanschat_streams_open", 0), ("orleanschat_sockets_open", 0), ("orleanschat_sessions_removed_total", 1));

        Task UntilAsync(params (string Name, double Value)[] expected) => TestWait.UntilAsync(async () =>
        {
            var page = await ReadAsync(host);
            return expected.All(one => page.Sum(one.Name) == one.Value);
        });
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData("X-Forwarded-For", "192.0.2.1", HttpStatusCode.Unauthorized)]
    [InlineData("Host", "chat.example", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer sk-a", HttpStatusCode.OK)]
    public async Task Metrics_WithKeysConfigured_AreForThisMachineAndForKeys(string? header, string? value, HttpStatusCode expected)
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (header is not null)
            request.Headers.TryAddWithoutValidation(header, value);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Metrics_AfterManyUnknownRoutesAndMethods_DoNotGrowWithThem()
    {
        await using var host = await GatewayHost.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod($"ODD{i}"), $"/nowhere/{i}");
            using var response = await host.Client.SendAsync(request);
        }

        var page = await ReadAsync(host);

        Assert.Equal(50, page.Sum("http_server_request_duration_seconds_count", ("http_request_method", "_OTHER")));
        Assert.Single(page.Find("http_server_request_duration_seconds_count", ("http_request_method", "_OTHER")));
        Assert.DoesNotContain(page.Samples, sample => sample.Labels.Values.Any(value => value.Contains("nowhere", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_AfterManyValuesThatClientsChoose_HaveNoSeriesOfThem()
    {
        const string chosen = "chosen-by-a-client";
        await using var host = await GatewayHost.StartAsync();
        await AskAsync(0);
        await AskAsync(1);
        var before = (await ReadAsync(host)).Samples.Count;
        for (var i = 2; i < 102; i++)
            await AskAsync(i);

        // What a first answer of a kind adds may come later, so a few more than before are no growth; a series for each value would be a hundred for each name.
        var page = await ReadAsync(host);
        Assert.DoesNotContain(page.Samples, sample => sample.Labels.Values.Any(value => value.Contains(chosen, StringComparison.OrdinalIgnoreCase)));
        Assert.InRange(page.Samples.Count, 1, before + 50);

        async Task AskAsync(int i)
        {
            var value = $"{chosen}-{i}";
            await SendAsync(HttpMethod.Post, "/v1/chat/completions", new { model = value, user = value, messages = new[] { new { role = "user", content = value } } });
            await SendAsync(HttpMethod.Post, "/v1/chat/completions", new { model = "default", user = value, messages = new[] { new { role = "user", content = value } } });
            await SendAsync(HttpMethod.Post, "/v1/embeddings", new { model = value, input = value });
            await SendAsync(HttpMethod.Put, $"/api/collections/{value}", new { });
            await SendAsync(HttpMethod.Post, "/api/search", new { query = value, collection = value });
            await SendAsync(HttpMethod.Post, "/chat", new { api_version = "v1", message = value, session_id = value });
            await SendAsync(HttpMethod.Get, $"/api/sessions/{value}", null);
            await SendAsync(HttpMethod.Get, $"/chat/ws/{value}/{value}", null);

            async Task SendAsync(HttpMethod method, string path, object? body)
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
                request.Headers.Add("X-Correlation-ID", value);
                request.Headers.Add("User-Agent", value);
                request.Headers.Host = $"{value}.example";
                (await host.Client.SendAsync(request)).Dispose();
            }
        }
    }

    internal static async Task<MetricPage> ReadAsync(GatewayHost host) => MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
}
