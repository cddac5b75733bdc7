using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Operation;

public sealed class OperationRouteTests
{
    private static readonly OrleansChatOptions Keys = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "a", Secret = "sk-a", Team = "t", Limits = new LimitOptions { RequestsPerMinute = 10, MaxConcurrent = 2 }, Budget = new BudgetOptions { Usd = 5 } },
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
        ],
        Teams = [new TeamOptions { Id = "t", Budget = new BudgetOptions { Usd = 50 } }],
    };

    [Fact]
    public async Task Limits_OfAnOrdinaryKey_AreItsOwnAndItsTeams()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Keys), services => services.AddSingleton<TimeProvider>(new FakeClock()));
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        upstream.Enqueue(Reply.Text("Hi").WithUsage(1_000_000, 500_000));
        await host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });

        var scopes = (await host.GetAsync("/api/limits")).GetProperty("scopes").EnumerateArray().ToList();

        Assert.Equal(["key:a", "team:t"], scopes.Select(scope => scope.GetProperty("scope").GetString()));
        var limits = scopes[0].GetProperty("limits");
        Assert.Equal((10, 9), (limits.GetProperty("requestsPerMinute").GetProperty("limit").GetInt32(), limits.GetProperty("requestsPerMinute").GetProperty("remaining").GetInt32()));
        Assert.Equal((2, 0), (limits.GetProperty("concurrent").GetProperty("limit").GetInt32(), limits.GetProperty("concurrent").GetProperty("inUse").GetInt32()));
        var budget = scopes[0].GetProperty("budget");
        Assert.Equal((5m, 2m, 0m, 3m), (
            budget.GetProperty("limitUsd").GetDecimal(), budget.GetProperty("spentUsd").GetDecimal(),
            budget.GetProperty("reservedUsd").GetDecimal(), budget.GetProperty("remainingUsd").GetDecimal()));
        Assert.Equal(48m, scopes[1].GetProperty("budget").GetProperty("remainingUsd").GetDecimal());
    }

    [Fact]
    public async Task Limits_OfEveryKind_ShowWhatIsLeftOfThem()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        var settings = GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
        {
            ApiKeys =
            [
                new ApiKeyOptions { Id = "windowed", Secret = "sk-w", Limits = new LimitOptions { TokensPerMinute = 10_000, RequestsPerDay = 100 } },
                new ApiKeyOptions { Id = "paced", Secret = "sk-p", Limits = new LimitOptions { RequestsPerMinute = 60, Pacing = Pacing.Smooth, Burst = 5 } },
                new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            ],
        });
        await using var host = await GatewayHost.StartAsync(
            settings with { Upstreams = [settings.Upstreams[0] with { Limits = new LimitOptions { RequestsPerMinute = 30, MaxConcurrent = 4 } }] },
            services => services.AddSingleton<TimeProvider>(clock));
        upstream.Enqueue(Reply.Text("Hi").WithUsage(700, 50), Reply.Text("Hi").WithUsage(10, 5), Reply.Text("Hi").WithUsage(10, 5));
        foreach (var secret in (string[])["sk-w", "sk-p", "sk-p"])
        {
            using var answer = await host.SendAsync(
                HttpMethod.Post, "/v1/chat/completions", secret, new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        clock.Advance(TimeSpan.FromMilliseconds(500));
        using var response = await host.SendAsync(HttpMethod.Get, "/api/limits", "sk-boss");
        var scopes = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("scopes").EnumerateArray()
            .ToDictionary(scope => scope.GetProperty("scope").GetString()!, scope => scope.GetProperty("limits").GetRawText());

        Assert.Equal(["key:windowed", "key:paced", "key:boss", "model:default", "upstream:scripted", "org"], scopes.Keys);
        Assert.Equal(
            """{"requestsPerMinute":null,"tokensPerMinute":{"limit":10000,"remaining":9250,"resetSeconds":59.5},"requestsPerDay":{"limit":100,"remaining":99,"resetSeconds":86399.5},"concurrent":null}""",
            scopes["key:windowed"]);
        Assert.Equal(
            """{"requestsPerMinute":{"limit":60,"remaining":3,"resetSeconds":1.5},"tokensPerMinute":null,"requestsPerDay":null,"concurrent":null}""",
            scopes["key:paced"]);
        Assert.Equal(
            """{"requestsPerMinute":{"limit":30,"remaining":27,"resetSeconds":59.5},"tokensPerMinute":null,"requestsPerDay":null,"concurrent":{"limit":4,"inUse":0}}""",
            scopes["upstream:scripted"]);
        Assert.Equal("""{"requestsPerMinute":null,"tokensPerMinute":null,"requestsPerDay":null,"concurrent":null}""", scopes["key:boss"]);
    }

    [Fact]
    public async Task Limits_OfAnAdminKey_AreAll()
    {
        await using var host = await GatewayHost.StartAsync(Keys);
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-boss");
        var scopes = (await host.GetAsync("/api/limits")).GetProperty("scopes").EnumerateArray().Select(scope => scope.GetProperty("scope").GetString());
        Assert.Equal(["key:a", "key:boss", "team:t", "model:default", "org"], scopes);
    }

    [Fact]
    public async Task Limits_OfTeamAndOrganisationWithoutABudget_TellNoSpendThatNobodyCounts()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var keys = Keys with { Teams = [new TeamOptions { Id = "t" }] };
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, keys), services => services.AddSingleton<TimeProvider>(new FakeClock()));
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-boss");
        upstream.Enqueue(Reply.Text("Hi").WithUsage(1_000_000, 500_000));
        using var asked = await host.SendAsync(
            HttpMethod.Post, "/v1/chat/completions", "sk-a", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });

        var budgets = (await host.GetAsync("/api/limits")).GetProperty("scopes").EnumerateArray()
            .ToDictionary(scope => scope.GetProperty("scope").GetString()!, scope => scope.GetProperty("budget"));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (budgets["team:t"].ValueKind, budgets["org"].ValueKind));
        Assert.Equal((2m, 0m), (budgets["key:a"].GetProperty("spentUsd").GetDecimal(), budgets["key:boss"].GetProperty("spentUsd").GetDecimal()));
    }

    [Fact]
    public async Task Breaker_ThatAnAdminTrips_StaysOpenUntilReset()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));

        await host.PostAsync("/api/breakers/scripted/trip", new { });
        var open = (await host.GetAsync("/api/breakers")).GetProperty("items")[0];
        using var refused = await host.Client.PostAsJsonAsync("/chat", new { message = "Hi" });
        await host.PostAsync("/api/breakers/scripted/reset", new { });
        var answer = await host.PostAsync("/chat", new { message = "Hi" });
        var history = (await host.GetAsync("/api/breakers")).GetProperty("items")[0].GetProperty("history");

        Assert.Equal(
            [("Tripped by an admin.", "local"), ("Reset by an admin.", "local")],
            history.EnumerateArray().Select(change => (change.GetProperty("cause").GetString(), change.GetProperty("by").GetString())));
        Assert.Equal(("closed", "open"), (history[1].GetProperty("state").GetString(), history[0].GetProperty("state").GetString()));
        Assert.Equal(("scripted", "open"), (open.GetProperty("upstream").GetString(), open.GetProperty("state").GetString()));
        Assert.Equal("local", open.GetProperty("by").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(answer.GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task Breaker_ThatAnAdminTrips_NamesHimToAdminsAlone()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Keys));
        foreach (var order in (string[])["trip", "reset", "trip"])
        {
            using var done = await host.SendAsync(HttpMethod.Post, $"/api/breakers/scripted/{order}", "sk-boss", new { });
            Assert.Contains("\"by\":\"boss\"", await done.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        object[] message = [new { role = "user", content = "Hi" }];
        string[] toAnyKey =
        [
            await AnswerAsync(HttpMethod.Get, "/api/breakers", null),
            await AnswerAsync(HttpMethod.Post, "/chat", new { message = "Hi" }),
            await AnswerAsync(HttpMethod.Post, "/v1/chat/completions", new { model = "default", messages = message }),
            await AnswerAsync(HttpMethod.Post, "/v1/messages", new { model = "default", max_tokens = 9, messages = message }),
        ];

        // The answer is that of the last look, which may be of a moment before.
        var health = "";
        await TestWait.UntilAsync(async () => (health = await AnswerAsync(HttpMethod.Get, "/health", null)).Contains("The breaker is open", StringComparison.Ordinal));
        toAnyKey = [.. toAnyKey, health];
        Assert.All(toAnyKey, answer => Assert.Contains("ripped by an admin", answer, StringComparison.Ordinal));
        Assert.All(toAnyKey, answer => Assert.DoesNotContain("boss", answer, StringComparison.Ordinal));

        async Task<string> AnswerAsync(HttpMethod method, string path, object? body)
        {
            using var response = await host.SendAsync(method, path, "sk-a", body);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Breaker_OfAnOrdinaryKey_CannotBeTripped()
    {
        await using var host = await GatewayHost.StartAsync(Keys);
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        using var response = await host.Client.PostAsync("/api/breakers/builtin/trip", null);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Health_ShowsComponentsToKeysAndTheStatusToAnybody()
    {
        await using var host = await GatewayHost.StartAsync(Keys);
        var bare = await host.GetAsync("/health");
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        var full = await host.GetAsync("/health");

        Assert.Equal("healthy", bare.GetProperty("status").GetString());
        Assert.False(bare.TryGetProperty("components", out _));
        Assert.Equal("healthy", full.GetProperty("components").GetProperty("journal").GetProperty("status").GetString());
        Assert.Equal(
            """{"live":0,"expired":0,"removed":0}""",
            full.GetProperty("components").GetProperty("sessions").GetProperty("counts").GetRawText());
    }

    [Theory]
    [InlineData(true, HttpStatusCode.ServiceUnavailable, "unhealthy")]
    [InlineData(false, HttpStatusCode.OK, "degraded")]
    public async Task Health_WithASickComponent_DependsOnWhetherItIsCritical(bool critical, HttpStatusCode status, string overall)
    {
        await using var host = await GatewayHost.StartAsync(services: services => services.AddSingleton<IHealthComponent>(new SickComponent(critical)));

        using var health = await host.Client.GetAsync("/health");
        using var ready = await host.Client.GetAsync("/ready");
        using var live = await host.Client.GetAsync("/live");

        Assert.Equal((status, status, HttpStatusCode.OK), (health.StatusCode, ready.StatusCode, live.StatusCode));
        var body = await health.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(overall, body.GetProperty("status").GetString());
        Assert.Equal("InvalidOperationException", body.GetProperty("components").GetProperty("sick").GetProperty("last_error").GetString());
    }

    [Fact]
    public async Task OpenApi_DescribesTheRoutes()
    {
        await using var host = await GatewayHost.StartAsync();
        var paths = (await host.GetAsync("/openapi/v1.json")).GetProperty("paths");
        foreach (var path in (string[])["/api/sessions", "/api/sessions/{id}/turns", "/chat", "/v1/chat/completions", "/api/search", "/health"])
            Assert.True(paths.TryGetProperty(path, out _), path);
    }

    private sealed class SickComponent(bool critical) : IHealthComponent
    {
        public string Name => "sick";

        public bool IsCritical => critical;

        public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("secret");
    }
}
