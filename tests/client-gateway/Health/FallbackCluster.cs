using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.ClientGateway.Tests.Health;

/// <summary>A cluster with a route of three upstreams, vectors and a store whose parts can fail, one by one.</summary>
public sealed class FallbackCluster : IAsyncLifetime
{
    private readonly InMemoryVectorStore _vectors = new(new MemoryPassageLog());
    private readonly LosableStorage _storage = new();
    private LocalCluster _cluster = null!;

    /// <summary>The upstream that makes embeddings.</summary>
    public ScriptedUpstream Embedder { get; private set; } = null!;

    /// <summary>The route's first upstream.</summary>
    public ScriptedUpstream First { get; private set; } = null!;

    /// <summary>The route's second upstream.</summary>
    public ScriptedUpstream Second { get; private set; } = null!;

    /// <summary>The kinds of grains whose states are lost at the moment.</summary>
    public IReadOnlyList<string> Lost
    {
        get => _storage.Lost;
        set => _storage.Lost = value;
    }

    public Task InitializeAsync() => StartAsync("Deny", "Deny");

    /// <summary>Starts the cluster.</summary>
    /// <param name="calls">What gateways do with calls that cannot be counted.</param>
    /// <param name="turns">What silos do with turns that cannot be counted.</param>
    public async Task StartAsync(string calls, string turns)
    {
        Embedder = await ScriptedUpstream.StartAsync();
        First = await ScriptedUpstream.StartAsync();
        Second = await ScriptedUpstream.StartAsync();
        _cluster = new LocalCluster
        {
            GatewayServices = services => services.AddSingleton<IVectorStore>(_vectors),
            SiloServices = services =>
            {
                services.AddSingleton<IVectorStore>(_vectors);
                _storage.Replace(services);
            },
        };
        _cluster.Write($$"""
            {
              "ApiKeys": [ { "Id": "boss", "Secret": "sk-boss", "Admin": true }, { "Id": "cached", "Secret": "sk-cached", "Cache": "Key" },
                           { "Id": "counted", "Secret": "sk-counted", "Limits": { "RequestsPerMinute": 100 } } ],
              "Upstreams": [ { "Id": "first", "BaseUrl": "{{First.BaseUrl}}", "MaxRetries": 0 }, { "Id": "second", "BaseUrl": "{{Second.BaseUrl}}", "MaxRetries": 0 },
                             { "Id": "embedder", "BaseUrl": "{{Embedder.BaseUrl}}", "MaxRetries": 0 } ],
              "Models": [ { "Id": "default", "Route": [ "first/m", "second/n", "builtin/extractive" ] } ],
              "Embeddings": { "Model": "embedder/m" },
              "Breakers": { "ConsecutiveFailures": 1000, "MinimumCalls": 1000 },
              "Logging": { "Level": "Critical" }
            }
            """);
        _cluster.StartSilo($"--OrleansChat:Admission:WithoutStore={turns}");
        _cluster.StartGateway($"--OrleansChat:Admission:WithoutStore={calls}");
        await _cluster.WaitForAsync("/ready", HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await Embedder.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }

    /// <summary>Makes a stateless call: the gateway does all of it.</summary>
    public Task<FallbackAnswer> CallAsync(string key = "sk-boss") =>
        PostAsync("/v1/chat/completions", key, new { model = "default", messages = new[] { new { role = "user", content = $"Hi {Guid.NewGuid()}" } } });

    /// <summary>Asks for a turn: a silo runs it.</summary>
    public async Task<FallbackAnswer> TurnAsync(string key = "sk-boss")
    {
        var made = await PostAsync("/api/sessions", key, new { });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return await PostAsync($"/api/sessions/{made.Body.GetProperty("id").GetString()}/turns", key, new { message = $"What jumps over {Guid.NewGuid()}?" });
    }

    /// <summary>Sends a request of any kind.</summary>
    public async Task<FallbackAnswer> PostAsync(string path, string key, object body, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "x-api-key", key } } };
        using var answer = await _cluster.Http.SendAsync(request);
        var named = answer.Headers.TryGetValues("x-orleanschat-fallback", out var names) ? string.Join(',', names) : "";
        return new FallbackAnswer(answer.StatusCode, named, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>Which processes say in their health and metrics that a fallback is in use, once they agree with what is expected; fails otherwise.</summary>
    public async Task AssertInUseAsync(string fallback, bool atGateway, bool atSilo)
    {
        foreach (var (http, isInUse) in new[] { (_cluster.Http, atGateway), (_cluster.SiloHttp, atSilo) })
        {
            var metrics = MetricPage.Parse(await ReadAsync(http, "/metrics"));
            Assert.Equal(isInUse ? 1 : 0, metrics.Sum("orleanschat_fallbacks_active", ("fallback", fallback)));

            // The answer is that of the last look, which is at most some seconds old.
            await TestWait.UntilAsync(async () =>
            {
                var component = JsonElement.Parse(await ReadAsync(http, "/health")).GetProperty("components").GetProperty("fallbacks");
                var isNamed = component.TryGetProperty("detail", out var detail) && detail.GetString()!.Contains(fallback, StringComparison.Ordinal);
                return isNamed == isInUse && (component.GetProperty("status").GetString() == "degraded" || !isNamed);
            });
        }
    }

    private static async Task<string> ReadAsync(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", "sk-boss" } } };
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}

/// <summary>An answer with the fallbacks that its header names.</summary>
public sealed record FallbackAnswer(HttpStatusCode Status, string Named, JsonElement Body)
{
    /// <summary>The fallbacks that its body names.</summary>
    public string NamedInBody => Body.TryGetProperty("fallbacks", out var names) ? string.Join(',', names.EnumerateArray().Select(name => name.GetString())) : "";
}
