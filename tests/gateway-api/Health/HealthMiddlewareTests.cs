using System.Net;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Health;

/// <summary><c>/health</c> is answered before everything else, and nobody can tell.</summary>
public sealed class HealthMiddlewareTests
{
    private static readonly OrleansChatOptions WithAKey = new() { ApiKeys = [new ApiKeyOptions { Id = "ops", Secret = "sk-ops", Admin = true }] };

    [Fact]
    public async Task Answer_HasWhatEveryAnswerHas()
    {
        await using var host = await GatewayHost.StartAsync(WithAKey);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "X-Correlation-ID", "mine" }, { "x-api-key", "sk-ops" } } };
        using var answer = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("mine", answer.Headers.GetValues("X-Correlation-ID").Single());
        foreach (var header in (string[])["X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy"])
            Assert.True(answer.Headers.Contains(header), header);
        using var metrics = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "x-api-key", "sk-ops" } } };
        using var page = await host.Client.SendAsync(metrics);
        Assert.True(MetricPage.Parse(await page.Content.ReadAsStringAsync()).Sum("http_server_request_duration_seconds_count", ("http_route", "/health")) >= 1);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("sk-unknown", false)]
    [InlineData("sk-ops", true)]
    public async Task Detail_IsForKeysAlone(string? key, bool isInFull)
    {
        await using var host = await GatewayHost.StartAsync(WithAKey);
        if (key is not null)
            host.Client.DefaultRequestHeaders.Add("x-api-key", key);

        var health = await host.GetAsync("/health");
        Assert.Equal(isInFull, health.TryGetProperty("components", out _));
        var again = await host.GetAsync("/health");
        Assert.Equal(isInFull, again.TryGetProperty("components", out _));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task RequestsOfAnotherKind_GoTheWayOfAllOthers(string method)
    {
        await using var host = await GatewayHost.StartAsync(WithAKey);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/health") { Content = GatewayHost.Json("{}"), Headers = { { "x-api-key", "sk-ops" } } };
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(method == "GET" ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }
}
