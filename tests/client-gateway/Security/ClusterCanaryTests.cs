using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Security;

/// <summary>Secrets are planted wherever a cluster's settings may hold one, and looked for in everything that gateways and silos say.</summary>
public sealed class ClusterCanaryTests : IDisposable
{
    private const string Canary = "canary8d15";

    private readonly Overheard _said = new(Canary);
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task NoSecret_IsSeenInWhatGatewaysAndSilosSay()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _said.Hear("spans", TextOf(span)),
        };
        ActivitySource.AddActivityListener(listener);
        await File.WriteAllTextAsync(_file, $"{Canary}-file");
        var sent = new ConcurrentQueue<(string Path, string Secret, string Body)>();
        await using var ears = await OpenEars.StartAsync((path, body, headers) =>
        {
            sent.Enqueue((path, headers["x-collector"].ToString(), body));
            _said.Hear(path, body);
        });
        await using var upstream = await ScriptedUpstream.StartAsync();
        var cluster = Start(isLocal: true);
        await using var _ = cluster;
        cluster.Write(Settings(upstream, ears, "127.0.0.1:1"));
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);

        upstream.Enqueue(Reply.Text("Hi").WithUsage(1000, 1000));
        await TurnAsync(cluster, "spender");
        Reply[] failures = [Reply.Status(500), Reply.Status(400), Reply.Status(401, $"Incorrect API key provided: {Canary}-upstream."), Reply.Drop(), Reply.Status(429)];
        foreach (var failure in failures)
        {
            upstream.Enqueue(failure);
            await CallAsync(cluster, "boss");
            upstream.Enqueue(failure);
            await TurnAsync(cluster, "boss");
        }

        for (var i = 0; i < 5; i++)
            await CallAsync(cluster, "boss");
        await AskAsync(cluster.Http, HttpMethod.Post, "/chat", "boss", "{ not json");
        await AskAsync(cluster.Http, HttpMethod.Post, "/api/keys", "boss", """{"id":"made"}""", keepsAnswer: false);
        cluster.Write("""{ "ApiKeys": [ { "Id": "x", "Secrett": "canary8d15-typo" }, { "Id": "x", "Secret": "canary8d15-twice" } ], "Upstreams": [ { "Id": "u", "BaseUrl": "http://me:canary8d15-url@u/v1" } ] }""");
        foreach (var http in new[] { cluster.Http, cluster.SiloHttp })
        {
            await TestWait.UntilAsync(async () => (await AskAsync(http, HttpMethod.Get, "/health", "boss")).Contains("The changed settings are at fault", StringComparison.Ordinal));
            foreach (var path in (string[])["/health", "/metrics", "/api/incidents", "/dashboard/", "/api/keys", "/api/limits", "/api/usage", "/api/breakers", "/api/flags", "/openapi/v1.json", "/v1/models", "/nowhere"])
            {
                await AskAsync(http, HttpMethod.Get, path, "boss");
                await AskAsync(http, HttpMethod.Get, path, "wrong");
            }

            await AskAsync(http, HttpMethod.Get, "/api/incidents", "file");
        }

        await TestWait.UntilAsync(() => sent.Any(one => one.Path == "/alerts"));
        await cluster.StopAsync();

        // The secrets were used, and everybody was heard.
        Assert.Equal($"Bearer {Canary}-upstream", upstream.Requests[0].Headers["Authorization"]);
        foreach (var path in (string[])["/v1/traces", "/v1/metrics"])
        {
            foreach (var service in (string[])["orleanschat-gateway", "orleanschat-silo"])
                Assert.Contains(sent, one => one.Path == path && one.Secret == $"{Canary}-collector" && one.Body.Contains(service, StringComparison.Ordinal));
        }

        foreach (var where in (string[])["gateway", "gateway, details", "silo", "silo, details", "spans", "answers"])
            Assert.True(_said.Count(where) > 0, where);
        Assert.True(_said.Leaks.IsEmpty, string.Join("\n\n", _said.Leaks.Take(5)));
    }

    [Fact]
    public async Task RedisPassword_IsNotSeen_WhereRedisRefusesItAndRepeatsIt()
    {
        var asked = new ConcurrentQueue<string>();
        using var redis = new RefusingRedis(asked.Enqueue);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var ears = await OpenEars.StartAsync((path, body, _) => _said.Hear(path, body));
        await File.WriteAllTextAsync(_file, $"{Canary}-file");
        var cluster = Start(isLocal: false);
        await using var _ = cluster;
        cluster.Write(Settings(upstream, ears, $"127.0.0.1:{redis.Port}"));
        cluster.StartSilo();
        cluster.StartGateway();
        await LocalCluster.WaitForAsync(cluster.Http, "/ready", HttpStatusCode.ServiceUnavailable);
        await LocalCluster.WaitForAsync(cluster.SiloHttp, "/ready", HttpStatusCode.ServiceUnavailable);
        foreach (var http in new[] { cluster.Http, cluster.SiloHttp })
        {
            foreach (var path in (string[])["/health", "/ready", "/metrics", "/api/incidents"])
                await AskAsync(http, HttpMethod.Get, path, "boss");
        }

        await TestWait.UntilAsync(() => asked.Any(words => words.Contains($"{Canary}-redis", StringComparison.Ordinal)));
        await TestWait.UntilAsync(() => _said.Count("gateway") > 0 && _said.Count("silo") > 0);
        await cluster.StopAsync();

        Assert.True(_said.Leaks.IsEmpty, string.Join("\n\n", _said.Leaks.Take(5)));
        foreach (var name in (string[])["gateway", "silo", "answers"])
            Assert.True(_said.Count(name) > 0, name);
    }

    private static string TextOf(Activity span) => string.Join(
        ' ',
        span.TagObjects.Concat(span.Events.SelectMany(one => one.Tags)).Select(tag => $"{tag.Key}={tag.Value}").Prepend($"{span.DisplayName} {span.StatusDescription} {span.TraceStateString}"));

    private LocalCluster Start(bool isLocal) => new()
    {
        IsLocal = isLocal,
        GatewayServices = services => services.AddSingleton(_said.Log("gateway")),
        SiloServices = services => services.AddSingleton(_said.Log("silo")),
    };

    private string Settings(ScriptedUpstream upstream, OpenEars ears, string redis) => $$"""
        {
          "ApiKeys": [ { "Id": "boss", "Secret": "{{Canary}}-boss", "Admin": true }, { "Id": "filed", "Secret": "file:{{_file}}" },
                       { "Id": "spender", "Secret": "{{Canary}}-spender", "Budget": { "Usd": 0.004, "Window": "Total", "Thresholds": [ 1 ] } } ],
          "Upstreams": [ { "Id": "scripted", "BaseUrl": "{{upstream.BaseUrl}}", "ApiKey": "{{Canary}}-upstream", "MaxRetries": 0 } ],
          "Models": [ { "Id": "default", "Route": [ "scripted/m" ], "InputUsdPerMillion": 1, "OutputUsdPerMillion": 1, "MaxOutputTokens": 1000 } ],
          "Qdrant": { "ApiKey": "{{Canary}}-qdrant" },
          "Cluster": { "Redis": "{{redis}},password={{Canary}}-redis" },
          "BudgetAlerts": { "Webhook": "{{ears.Url}}/alerts", "Secret": "{{Canary}}-webhook" },
          "Telemetry": { "OtlpEndpoint": "{{ears.Url}}", "OtlpProtocol": "HttpProtobuf", "OtlpHeadersSecret": "x-collector={{Canary}}-collector" },
          "Breakers": { "ConsecutiveFailures": 1000, "MinimumCalls": 1000 },
          "Logging": { "Level": "Critical", "Requests": true }
        }
        """;

    private Task<string> CallAsync(LocalCluster cluster, string key) =>
        AskAsync(cluster.Http, HttpMethod.Post, "/v1/chat/completions", key, """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""");

    private async Task TurnAsync(LocalCluster cluster, string key)
    {
        var session = JsonElement.Parse(await AskAsync(cluster.Http, HttpMethod.Post, "/api/sessions", key, "{}")).GetProperty("id").GetString();
        await AskAsync(cluster.Http, HttpMethod.Post, $"/api/sessions/{session}/turns", key, """{"message":"Hi"}""");
    }

    private async Task<string> AskAsync(HttpClient http, HttpMethod method, string path, string key, string? body = null, bool keepsAnswer = true)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "x-api-key", $"{Canary}-{key}" } } };
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (keepsAnswer)
            _said.Hear("answers", $"{response.Headers} {answer}");
        return answer;
    }
}
