using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Settings;

/// <summary>Changed settings come into force in gateways and silos without a restart: stateless calls show the one, turns the other.</summary>
public sealed class ClusterReloadTests : IAsyncLifetime
{
    private readonly SettingsNews _gateway = new();
    private readonly SettingsNews _silo = new();
    private ScriptedUpstream _upstream = null!;
    private LocalCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _upstream.Fallback = static _ => Reply.Text("Hi").WithUsage(1000, 1000);
        _cluster = new LocalCluster { GatewayServices = _gateway.Hear, SiloServices = _silo.Hear };
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Reload_ReachesGatewayAndSilo_AndIsAllOrNothingInBoth()
    {
        Write("""{ "Id": "b", "Secret": "sk-b" }""", "first", usdPerMillion: 1, level: "Error");
        _cluster.StartSilo();
        _cluster.StartGateway();
        await _cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        Assert.Equal((true, false), await KnowAsync("sk-b", "sk-c"));
        Assert.Equal(("first", 0.003m, "first", 0.003m), await AskAsync("sk-b"));
        Assert.Equal((false, false), (_gateway.Writes(LogLevel.Information), _silo.Writes(LogLevel.Information)));

        Write("""{ "Id": "c", "Secret": "sk-c", "Team": "t" }""", "second", usdPerMillion: 10, level: "Information", perDay: 2);
        await WaitForAsync(SettingsNews.InForce);
        Assert.Equal((false, true), await KnowAsync("sk-b", "sk-c"));
        Assert.Equal(("second", 0.03m, "second", 0.03m), await AskAsync("sk-c"));
        Assert.Equal((true, true), (_gateway.Writes(LogLevel.Information), _silo.Writes(LogLevel.Information)));
        Assert.Equal("""{"items":[{"id":"beta","on":true}]}""", await ReadAsync("/api/flags", "sk-c"));

        // A call and a turn were what the team may ask in a day.
        using var call = await CallAsync("sk-c");
        using var turn = await TurnAsync("sk-c");
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (call.StatusCode, turn.StatusCode));

        Write("""{ "Id": "d", "Secret": "sk-d" }, { "Id": "d", "Secret": "sk-e" }""", "third", usdPerMillion: 100, level: "Error");
        await WaitForAsync(SettingsNews.AtFault);
        Assert.Equal((true, false), await KnowAsync("sk-c", "sk-d"));
        Assert.Equal(("second", 0.03m, "second", 0.03m), await AskAsync("sk-boss"));
        Assert.Equal((true, true), (_gateway.Writes(LogLevel.Information), _silo.Writes(LogLevel.Information)));
        foreach (var http in new[] { _cluster.Http, _cluster.SiloHttp })
            await TestWait.UntilAsync(async () => await SettingsOfAsync(http) is ("degraded", { } detail) && detail.Contains("The changed settings are at fault", StringComparison.Ordinal));

        Write("""{ "Id": "d", "Secret": "sk-d" }""", "third", usdPerMillion: 100, level: "Error");
        await WaitForAsync(SettingsNews.InForce);
        Assert.Equal((false, true), await KnowAsync("sk-c", "sk-d"));
        Assert.Equal(("third", 0.3m, "third", 0.3m), await AskAsync("sk-d"));
        Assert.Equal((false, false), (_gateway.Writes(LogLevel.Information), _silo.Writes(LogLevel.Information)));
        foreach (var http in new[] { _cluster.Http, _cluster.SiloHttp })
            await TestWait.UntilAsync(async () => await SettingsOfAsync(http) is ("healthy", null));
    }

    private void Write(string keys, string model, int usdPerMillion, string level, int? perDay = null) => _cluster.Write($$"""
        {
          "ApiKeys": [ { "Id": "boss", "Secret": "sk-boss", "Admin": true }, {{keys}} ],
          "Teams": [ { "Id": "t", "Limits": { {{(perDay is { } limit ? $"\"RequestsPerDay\": {limit}" : "")}} } } ],
          "Upstreams": [ { "Id": "scripted", "BaseUrl": "{{_upstream.BaseUrl}}", "MaxRetries": 0 } ],
          "Models": [ { "Id": "default", "Route": [ "scripted/{{model}}" ], "InputUsdPerMillion": {{usdPerMillion}}, "OutputUsdPerMillion": {{2 * usdPerMillion}} } ],
          "Flags": [ { "Id": "beta", "Keys": [ {{(model == "second" ? "\"c\"" : "")}} ] } ],
          "Logging": { "Level": "{{level}}" }
        }
        """);

    private async Task WaitForAsync(int news)
    {
        await _gateway.WaitForAsync(news);
        await _silo.WaitForAsync(news);
    }

    /// <summary>Whether keys are known, to the gateway and to the silo alike.</summary>
    private async Task<(bool One, bool Other)> KnowAsync(string one, string other)
    {
        return (await IsKnownAsync(one), await IsKnownAsync(other));

        async Task<bool> IsKnownAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "x-api-key", key } } };
            using var answer = await _cluster.Http.SendAsync(request);
            var isKnown = answer.StatusCode == HttpStatusCode.OK;
            var health = JsonElement.Parse(await ReadAsync("/health", key, _cluster.SiloHttp));
            Assert.Equal(isKnown, health.TryGetProperty("components", out _));
            return isKnown;
        }
    }

    /// <summary>What upstream and ledger see of a call, and of a turn: the model that was asked, and what it cost.</summary>
    private async Task<(string? CallModel, decimal CallUsd, string? TurnModel, decimal TurnUsd)> AskAsync(string key)
    {
        var before = await SpentAsync();
        using var call = await CallAsync(key);
        Assert.True(call.IsSuccessStatusCode, await call.Content.ReadAsStringAsync());
        var asked = _upstream.Requests[^1].Model;

        // A call is booked a moment after its answer.
        var spent = before;
        await TestWait.UntilAsync(async () => (spent = await SpentAsync()) > before);
        using var turn = await TurnAsync(key);
        var body = await turn.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(turn.IsSuccessStatusCode, body.GetRawText());
        await TestWait.UntilAsync(async () => await SpentAsync() > spent);
        return (asked, spent - before, _upstream.Requests[^1].Model, body.GetProperty("costUsd").GetDecimal());
    }

    private async Task<decimal> SpentAsync() =>
        JsonElement.Parse(await ReadAsync("/api/usage", "sk-boss")).GetProperty("total").GetProperty("costUsd").GetDecimal();

    private Task<HttpResponseMessage> CallAsync(string key) =>
        PostAsync("/v1/chat/completions", key, new { model = "default", max_tokens = 1000, messages = new[] { new { role = "user", content = "Hi" } } });

    private async Task<HttpResponseMessage> TurnAsync(string key)
    {
        using var made = await PostAsync("/api/sessions", key, new { });
        var session = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        return await PostAsync(string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session}/turns"), key, new { message = "Hi" });
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string key, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "x-api-key", key } } };
        return await _cluster.Http.SendAsync(request);
    }

    private async Task<(string? Status, string? Detail)> SettingsOfAsync(HttpClient http)
    {
        var component = JsonElement.Parse(await ReadAsync("/health", "sk-boss", http)).GetProperty("components").GetProperty("settings");
        return (component.GetProperty("status").GetString(), component.TryGetProperty("detail", out var detail) ? detail.GetString() : null);
    }

    private async Task<string> ReadAsync(string path, string key, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", key } } };
        using var answer = await (http ?? _cluster.Http).SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
