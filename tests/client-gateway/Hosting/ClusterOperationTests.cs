using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>What an operator sees of a cluster: the same at every process.</summary>
public sealed class ClusterOperationTests
{
    private static readonly string[] Settings =
    [
        "--OrleansChat:ApiKeys:0:Id=boss", "--OrleansChat:ApiKeys:0:Secret=sk-boss-secret", "--OrleansChat:ApiKeys:0:Admin=true",
        "--OrleansChat:Upstreams:0:Id=gone", "--OrleansChat:Upstreams:0:BaseUrl=http://127.0.0.1:1", "--OrleansChat:Upstreams:0:MaxRetries=0",
        "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=gone/model",
        "--OrleansChat:Breakers:ConsecutiveFailures=1000", "--OrleansChat:Breakers:MinimumCalls=1000",
    ];

    [Fact]
    public async Task SilosAndGateways_ShowTheSameIncidents_AndAHealthOfTheSameShape()
    {
        await using var cluster = new LocalCluster(Settings);
        cluster.Http.DefaultRequestHeaders.Add("x-api-key", "sk-boss-secret");
        cluster.SiloHttp.DefaultRequestHeaders.Add("x-api-key", "sk-boss-secret");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);

        // Three fail in the gateway's process and three in the silo's: neither sees five by itself.
        for (var i = 0; i < 3; i++)
        {
            using var call = await cluster.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
            Assert.True(call.StatusCode >= HttpStatusCode.InternalServerError);
            using var turn = await cluster.Http.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = $"s{i}" });
            Assert.True(turn.StatusCode >= HttpStatusCode.InternalServerError);
        }

        var atSilo = await UntilOneAsync(cluster.SiloHttp);
        var atGateway = await UntilOneAsync(cluster.Http);
        Assert.Equal(atSilo.GetProperty("id").GetString(), atGateway.GetProperty("id").GetString());
        Assert.Equal(("upstream", "gone", true), (atGateway.GetProperty("layer").GetString(), atGateway.GetProperty("subject").GetString(), atGateway.GetProperty("open").GetBoolean()));

        foreach (var (http, critical, other) in new[] { (cluster.SiloHttp, "membership", "redis"), (cluster.Http, "cluster", "gateway") })
        {
            var health = await UntilDegradedAsync(http);
            Assert.Equal(["status", "version", "uptime_seconds", "overall_sla", "components"], health.EnumerateObject().Select(field => field.Name));
            var components = health.GetProperty("components");
            Assert.True(components.GetProperty(critical).GetProperty("critical").GetBoolean());
            Assert.False(components.GetProperty(other).GetProperty("critical").GetBoolean());
            foreach (var name in (string[])["upstream:gone", "embeddings", "fallbacks", "sessions", "settings", critical])
            {
                if (components.TryGetProperty(name, out var component))
                    Assert.Equal(["day", "week", "month"], component.GetProperty("sla").EnumerateObject().Select(field => field.Name));
                else
                    Assert.Equal(("sessions", "cluster"), (name, critical));
            }
        }
    }

    [Fact]
    public async Task AdminKeyMadeAtRunTime_OpensTheDashboardOfASilo_UntilItIsRevoked()
    {
        await using var cluster = new LocalCluster(Settings);
        cluster.Http.DefaultRequestHeaders.Add("x-api-key", "sk-boss-secret");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        using var created = await cluster.Http.PostAsJsonAsync("/api/keys", new { id = "ops", admin = true });
        var secret = JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;
        using var plain = await cluster.Http.PostAsJsonAsync("/api/keys", new { id = "app" });
        var other = JsonElement.Parse(await plain.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;

        await UntilAsync(cluster.SiloHttp, secret, HttpStatusCode.OK);
        await UntilAsync(cluster.SiloHttp, other, HttpStatusCode.Forbidden);
        using var revoked = await cluster.Http.DeleteAsync("/api/keys/ops");
        await UntilAsync(cluster.SiloHttp, secret, HttpStatusCode.Unauthorized);
    }

    private static async Task<JsonElement> UntilOneAsync(HttpClient http)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var list = await http.GetFromJsonAsync<JsonElement>("/api/incidents");
            if (list.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } one && one.GetProperty("count").GetInt32() == 6)
                return one;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1), list.GetRawText());
        }
    }

    // The answer is that of the last look, which is at most some seconds old.
    private static async Task<JsonElement> UntilDegradedAsync(HttpClient http)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var health = await http.GetFromJsonAsync<JsonElement>("/health");
            if (health.GetProperty("components").GetProperty("incidents").GetProperty("status").GetString() == "degraded")
                return health;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1), health.GetRawText());
        }
    }

    // As a browser asks: with the key as the password. A key comes to the silo a moment after it was made.
    private static async Task UntilAsync(HttpClient http, string key, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/");
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{key}")));
            using var response = await http.SendAsync(request);
            if (response.StatusCode == status)
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"{response.StatusCode}");
        }
    }
}
