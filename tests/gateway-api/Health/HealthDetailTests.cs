using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Health;

public sealed class HealthDetailTests
{
    [Fact]
    public async Task Health_OfAFirstRun_HasEveryComponentWithItsFigures()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));

        var health = await host.GetAsync("/health");

        Assert.Equal(("healthy", 100), (health.GetProperty("status").GetString(), health.GetProperty("overall_sla").GetDouble()));
        foreach (var name in (string[])["journal", "vectors", "embeddings", "gateway", "upstream:scripted", "fallbacks", "incidents", "sessions"])
        {
            var component = health.GetProperty("components").GetProperty(name);
            Assert.Equal("healthy", component.GetProperty("status").GetString());
            Assert.Equal(name == "journal", component.GetProperty("critical").GetBoolean());
            Assert.Equal(JsonValueKind.Null, component.GetProperty("last_error").ValueKind);
            Assert.True(component.GetProperty("uptime_seconds").GetDouble() >= 0);
            Assert.True(component.GetProperty("response_time_ms").GetDouble() >= 0);
            Assert.Equal(100, component.GetProperty("sla_current").GetDouble());
        }

        // A look costs no call of an upstream.
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Health_WithoutAKey_IsTheStatusAlone()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }] });
        Assert.Equal("""{"status":"healthy"}""", await host.Client.GetStringAsync("/health"));
    }

    [Fact]
    public async Task Health_AfterAnUpstreamFailed_SaysWhatIsBrokenAndWhatStandsInForIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(upstream.BaseUrl, new OrleansChatOptions { Breakers = new BreakerOptions { ConsecutiveFailures = 2 } }));
        for (var i = 0; i < 2; i++)
        {
            upstream.Enqueue(Reply.Status(500));
            await host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
        }

        // The answer is that of the last look, which may be of a moment before, when one of the two had failed.
        JsonElement health = default;
        await TestWait.UntilAsync(async () =>
        {
            health = await host.GetAsync("/health");
            return StatusOf("upstream:scripted") == "unhealthy" && StatusOf("fallbacks") == "degraded";
        });

        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.Contains("route-of-default (builtin/extractive)", health.GetProperty("components").GetProperty("fallbacks").GetProperty("last_error").GetString(), StringComparison.Ordinal);

        string? StatusOf(string component) => health.GetProperty("components").GetProperty(component).GetProperty("status").GetString();
    }

    [Fact]
    public async Task Health_WhileAComponentDoesNotAnswer_AnswersFromTheLastLook()
    {
        var slow = new SlowComponent();
        await using var host = await GatewayHost.StartAsync(services: services => services.AddSingleton<IHealthComponent>(slow));
        await host.GetAsync("/health");
        slow.IsStuck = true;

        for (var i = 0; i < 20; i++)
        {
            using var answer = await host.Client.GetAsync("/health").WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Incidents_OfARepeatedFailure_AreListedForAdmins_AndInHealth_WithTheirTimesAndCure()
    {
        var began = TimeProvider.System.GetUtcNow();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions { Breakers = new BreakerOptions { ConsecutiveFailures = 100 } }));
        for (var i = 0; i < 6; i++)
        {
            upstream.Enqueue(Reply.Status(500));
            using var failed = await host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
            Assert.True(failed.StatusCode >= HttpStatusCode.InternalServerError);
        }

        var list = await host.GetAsync("/api/incidents");

        var incident = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(("upstream", 6, true), (incident.GetProperty("layer").GetString(), incident.GetProperty("count").GetInt32(), incident.GetProperty("open").GetBoolean()));
        var cure = incident.GetProperty("cure").GetString()!;
        Assert.Contains("add another upstream", cure, StringComparison.Ordinal);
        Assert.Equal(6, list.GetProperty("counts")[0].GetProperty("count").GetInt32());
        var (first, last) = (incident.GetProperty("firstAt").GetDateTimeOffset(), incident.GetProperty("lastAt").GetDateTimeOffset());
        Assert.True(began <= first && first < last && last <= TimeProvider.System.GetUtcNow(), incident.GetRawText());
        Assert.Equal(5, incident.GetProperty("correlationIds").GetArrayLength());

        // The answer is that of the last look, which may be of a moment before.
        await TestWait.UntilAsync(async () =>
        {
            var component = (await host.GetAsync("/health")).GetProperty("components").GetProperty("incidents");
            return component.GetProperty("status").GetString() == "degraded"
                && component.GetProperty("detail").GetString() == $"6 failures (upstream, upstream_error) from {first:u} to {last:u}: {cure}";
        });
    }

    [Fact]
    public async Task Incidents_ForAnOrdinaryKey_AreForbidden()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/incidents") { Headers = { { "x-api-key", "sk-a" } } };
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("forbidden", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private sealed class SlowComponent : IHealthComponent
    {
        public bool IsStuck { get; set; }

        public string Name => "slow";

        public bool IsCritical => true;

        public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) =>
            IsStuck ? new(new TaskCompletionSource<HealthFinding>().Task) : ValueTask.FromResult(HealthFinding.Healthy);
    }
}
