using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Health;

/// <summary>A dependency goes and comes back: what answers, <c>/health</c> and the expressions of the shipped alerts say of it.</summary>
public sealed class DependencyChaosTests
{
    [Fact]
    public async Task Upstream_GoesAndComesBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(upstream.BaseUrl, new OrleansChatOptions { Breakers = GatewayHost.QuickBreakers }));
        upstream.Enqueue(Reply.Text("by the upstream"));
        Assert.Contains("by the upstream", await AskAsync(host), StringComparison.Ordinal);
        await UntilAsync(host, "healthy", "healthy", open: 0, fallbacks: 0);

        // Gone: every caller is answered by what stands in, and the operator hears of it.
        for (var i = 0; i < 2; i++)
        {
            upstream.Enqueue(Reply.Drop());
            Assert.DoesNotContain("by the upstream", await AskAsync(host), StringComparison.Ordinal);
        }

        await UntilAsync(host, "degraded", "unhealthy", open: 1, fallbacks: 1);

        // Back: the breaker's probe finds it, and all that was said is taken back.
        var began = TimeProvider.System.GetTimestamp();
        upstream.Enqueue(Reply.Text("by the upstream"));
        while (!(await AskAsync(host)).Contains("by the upstream", StringComparison.Ordinal))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60));
        await UntilAsync(host, "healthy", "healthy", open: 0, fallbacks: 0);
    }

    [Fact]
    public async Task EmbeddingModel_GoesAndComesBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Searching));
        await IndexAsync(host);
        Assert.Equal((false, 1), await SearchAsync(host, "quick fox"));
        await UntilAsync(host, ("embeddings", "healthy"), "dense-search-to-lexical", 0);

        // Gone: words alone are searched, and every answer says so.
        var answers = upstream.Fallback;
        upstream.Fallback = static _ => Reply.Drop();
        Assert.Equal((true, 1), await SearchAsync(host, "the fox"));
        Assert.Equal((true, 1), await SearchAsync(host, "a fox"));
        await UntilAsync(host, ("embeddings", "degraded"), "dense-search-to-lexical", 1);
        await UntilAsync(host, ("upstream:scripted", "unhealthy"), "dense-search-to-lexical", 1);

        upstream.Fallback = answers;
        await TestWait.UntilAsync(async () => await SearchAsync(host, $"fox {Guid.NewGuid()}") == (false, 1));
        await UntilAsync(host, ("embeddings", "healthy"), "dense-search-to-lexical", 0);
        await UntilAsync(host, ("upstream:scripted", "healthy"), "dense-search-to-lexical", 0);
    }

    [Fact]
    public async Task Reranker_GoesAndComesBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Searching with { Embeddings = new EmbeddingsOptions() }));
        await IndexAsync(host);
        upstream.Fallback = static _ => Reply.Raw(200, "application/json", """{"data":[{"index":0,"relevance_score":0.4}],"usage":{"total_tokens":40}}""");
        Assert.Equal((false, 1), await SearchAsync(host, "fox", rerank: true));
        await UntilAsync(host, ("fallbacks", "healthy"), "reranking-to-none", 0);

        var answers = upstream.Fallback;
        upstream.Fallback = static _ => Reply.Drop();
        for (var i = 0; i < 2; i++)
            Assert.Equal((true, 1), await SearchAsync(host, "fox", rerank: true));
        await UntilAsync(host, ("fallbacks", "degraded"), "reranking-to-none", 1);
        await UntilAsync(host, ("upstream:scripted", "unhealthy"), "reranking-to-none", 1);

        upstream.Fallback = answers;
        await TestWait.UntilAsync(async () => await SearchAsync(host, "fox", rerank: true) == (false, 1));
        await UntilAsync(host, ("fallbacks", "healthy"), "reranking-to-none", 0);
        await UntilAsync(host, ("upstream:scripted", "healthy"), "reranking-to-none", 0);
    }

    [Fact]
    public async Task SecretFile_GoesAndComesBack()
    {
        using var secret = new SecretFile("one");
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await secret.StartAsync(upstream.BaseUrl);
        await AskAsync(host);
        await UntilAsync(host, "healthy", unreadable: 0);

        // Gone: the last secret goes on, and the operator hears of it before a restart does.
        secret.Delete();
        await UntilAsync(host, "degraded", unreadable: 1);
        await AskAsync(host);
        Assert.Equal("Bearer one", upstream.Requests[^1].Headers["Authorization"]);

        secret.Write("two");
        await UntilAsync(host, "healthy", unreadable: 0);
        await TestWait.UntilAsync(async () =>
        {
            await AskAsync(host);
            return upstream.Requests[^1].Headers["Authorization"] == "Bearer two";
        });

        static async Task UntilAsync(GatewayHost host, string status, double unreadable)
        {
            await ShippedRules.AssertAskAsync("max(orleanschat_secrets_unreadable) > 0");
            await TestWait.UntilAsync(async () =>
            {
                var secrets = (await host.GetAsync("/health")).GetProperty("components").GetProperty("secrets");
                var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
                return (secrets.GetProperty("status").GetString(), page.Sum("orleanschat_secrets_unreadable")) == (status, unreadable);
            });
        }
    }

    [Fact]
    public async Task Collector_GoesAndComesBack_WhileEverythingIsAnswered()
    {
        // A port on which nobody listens, until somebody does.
        var address = $"http://127.0.0.1:{FreePorts.Next()}";
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl) with
        {
            Telemetry = new TelemetryOptions { OtlpEndpoint = address, OtlpProtocol = OtlpProtocol.HttpProtobuf },
        });
        for (var i = 0; i < 20; i++)
            await AskAsync(host);
        Assert.Equal("healthy", (await host.GetAsync("/health")).GetProperty("status").GetString());
        Assert.True(MetricPage.Parse(await host.Client.GetStringAsync("/metrics")).Sum("http_server_request_duration_seconds_count") >= 20);

        // The exporter sends every five seconds, and what it could not send is lost and nothing else.
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        await using var collector = builder.Build();
        collector.Run(context =>
        {
            if (context.Request.Path == "/v1/traces")
                seen.TrySetResult();
            return Task.CompletedTask;
        });
        await collector.StartAsync();
        await AskAsync(host);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static OrleansChatOptions Searching { get; } = new()
    {
        Embeddings = new EmbeddingsOptions { Model = "scripted/embedder" },
        Search = new SearchOptions { RerankModel = "scripted/reranker" },
        Breakers = GatewayHost.QuickBreakers,
    };

    private static async Task IndexAsync(GatewayHost host)
    {
        using var made = await host.Client.PutAsync("/api/collections/docs", GatewayHost.Json("{}"));
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        var report = await host.PostAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "the quick fox jumps over" } } });
        Assert.Equal(1, report.GetProperty("indexed").GetInt32());
    }

    private static async Task<(bool IsDegraded, int Hits)> SearchAsync(GatewayHost host, string query, bool rerank = false)
    {
        var answer = await host.PostAsync("/api/search", new { query, collection = "docs", rerank });
        return (answer.GetProperty("degraded").GetBoolean(), answer.GetProperty("hits").GetArrayLength());
    }

    private static async Task UntilAsync(GatewayHost host, (string Name, string Status) component, string fallback, double active)
    {
        (string?, double) seen = default;
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            var status = (await host.GetAsync("/health")).GetProperty("components").GetProperty(component.Name).GetProperty("status").GetString();
            seen = (status, MetricPage.Parse(await host.Client.GetStringAsync("/metrics")).Sum("orleanschat_fallbacks_active", ("fallback", fallback)));
            if (seen == (component.Status, active))
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"{component.Name}, {fallback}: {seen}");
        }
    }

    private static async Task<string> AskAsync(GatewayHost host)
    {
        using var answer = await host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    // The series are those of the shipped alerts BreakerOpen and FallbackInUse.
    private static async Task UntilAsync(GatewayHost host, string overall, string component, double open, double fallbacks)
    {
        await ShippedRules.AssertAskAsync("max by (upstream) (orleanschat_breaker_state) == 1", "max by (fallback) (orleanschat_fallbacks_active) == 1");
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            var health = await host.GetAsync("/health");
            var upstream = health.GetProperty("components").GetProperty("upstream:scripted").GetProperty("status").GetString();
            var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
            var seen = (
                health.GetProperty("status").GetString(),
                upstream,
                page.Sum("orleanschat_breaker_state", ("upstream", "scripted")),
                page.Sum("orleanschat_fallbacks_active", ("fallback", "route-of-default")));
            if (seen == (overall, component, open, fallbacks))
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"{seen}");
        }
    }
}
