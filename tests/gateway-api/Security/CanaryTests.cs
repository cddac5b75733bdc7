using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Security;

/// <summary>Secrets are planted wherever there may be one, and looked for in everything that leaves the server.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "canary7f3a";

    private readonly ConcurrentQueue<string> _said = new();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task NoSecret_IsSeenInLogsTracesProblemsHealthMetricsOrAnswers()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _said.Enqueue($"{span.DisplayName} {string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} {span.StatusDescription}"),
        };
        ActivitySource.AddActivityListener(listener);
        await File.WriteAllTextAsync(_file, $"{Canary}-file");
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl) with
        {
            ApiKeys = [new ApiKeyOptions { Id = "boss", Secret = $"{Canary}-key", Admin = true }, new ApiKeyOptions { Id = "filed", Secret = $"file:{_file}" }],
            Upstreams = [new UpstreamOptions { Id = "scripted", BaseUrl = upstream.BaseUrl, ApiKey = $"{Canary}-upstream", MaxRetries = 0 }],
            Qdrant = new QdrantOptions { ApiKey = $"{Canary}-qdrant" },
            Cluster = new ClusterOptions { Redis = $"127.0.0.1:1,password={Canary}-redis" },
        }, CapturedLog.OpenAllLevels);
        using var log = new CapturedLog();
        log.Hear(host);

        upstream.Enqueue(Reply.Text("Hi").WithUsage(1, 1));
        await SendAsync(host, HttpMethod.Post, "/chat", """{"api_version":"v1","message":"Hi","session_id":"s"}""");
        foreach (var status in (int[])[429, 400, 500])
        {
            upstream.Enqueue(Reply.Status(status));
            await SendAsync(host, HttpMethod.Post, "/v1/chat/completions", """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""");
        }

        await SendAsync(host, HttpMethod.Post, "/api/keys", """{"id":"made"}""", keepsAnswer: false);
        foreach (var path in (string[])["/health", "/metrics", "/api/keys", "/api/limits", "/api/usage", "/api/breakers", "/api/incidents", "/api/flags", "/openapi/v1.json", "/nowhere"])
            await SendAsync(host, HttpMethod.Get, path, null);
        await SendAsync(host, HttpMethod.Get, "/v1/models", null, $"{Canary}-wrong");
        await SendAsync(host, HttpMethod.Get, "/v1/models", null, $"{Canary}-file");
        await SendAsync(host, HttpMethod.Post, "/chat", "{ not json");

        Assert.Contains(_said, line => line.Contains("POST", StringComparison.Ordinal));
        Assert.Equal($"Bearer {Canary}-upstream", upstream.Requests[0].Headers["Authorization"]);
        Assert.Contains(log.Lines, line => line.Level is LogLevel.Debug);
        Assert.DoesNotContain(_said.Concat(log.Lines.Select(line => line.Text)), line => line.Contains(Canary, StringComparison.Ordinal));
    }

    private async Task SendAsync(GatewayHost host, HttpMethod method, string path, string? body, string key = $"{Canary}-key", bool keepsAnswer = true)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (keepsAnswer)
            _said.Enqueue($"{response.Headers} {answer}");
    }
}
