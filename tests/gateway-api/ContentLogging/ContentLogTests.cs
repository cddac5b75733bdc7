using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.ContentLogging;

/// <summary>Words are planted in prompts and answers, and looked for in every line of the log.</summary>
public sealed class ContentLogTests
{
    private const string Asked = "canary-asked-5d1";
    private const string Answered = "canary-answered-8b2";

    private static readonly OrleansChatOptions Settings = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss-secret", Admin = true },
            new ApiKeyOptions { Id = "plain", Secret = "sk-plain-secret" },
            new ApiKeyOptions { Id = "open", Secret = "sk-open-secret", LogContent = true },
        ],
        Embeddings = new EmbeddingsOptions { Model = "builtin/hashing" },
    };

    [Fact]
    public async Task NobodysWords_AreLoggedByDefault_ByWhicheverRouteTheyCome()
    {
        var (lines, answers) = await TalkAsync("sk-plain-secret");

        Assert.All(answers, answer => Assert.Contains(Answered, answer, StringComparison.Ordinal));
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, line => line.Text.Contains("canary", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Category == ContentLog.Category);
    }

    [Fact]
    public async Task KeyThatAsksForIt_HasBothSidesLoggedInACategoryOfTheirOwn_WithIds()
    {
        var (lines, answers) = await TalkAsync("sk-open-secret");

        var content = lines.Where(line => line.Text.Contains("canary", StringComparison.Ordinal)).ToList();
        Assert.All(content, line => Assert.Equal((ContentLog.Category, LogLevel.Trace), (line.Category, line.Level)));
        Assert.All(content, line => Assert.StartsWith("Key open ", line.Text, StringComparison.Ordinal));
        string[] routes = ["turn", "/v1/chat/completions", "/v1/messages", "/v1/responses"];
        foreach (var route in routes)
        {
            Assert.Contains(content, line => line.Text.Contains($"asked in {route} ", StringComparison.Ordinal) && line.Text.Contains(Asked, StringComparison.Ordinal));
            Assert.Contains(content, line => line.Text.Contains($"was answered in {route} ", StringComparison.Ordinal) && line.Text.Contains(Answered, StringComparison.Ordinal));
        }

        Assert.Equal(5, answers.Count);
        Assert.Contains(content, line => line.Text.Contains("asked in /v1/chat/completions my-request ", StringComparison.Ordinal));
        Assert.Contains(content, line => line.Text.Contains("of session talk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeyMadeAtRunTime_IsLoggedWhileItAsksForIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Settings), CapturedLog.OpenAllLevels);
        using var log = new CapturedLog();
        log.Hear(host);
        using var created = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss-secret", new { id = "made", logContent = true });
        var secret = System.Text.Json.JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;

        upstream.Enqueue(Reply.Text(Answered));
        await SendAsync(host, "/v1/chat/completions", Completion(), secret);
        await TestWait.UntilAsync(() => log.Lines.Count(line => line.Text.Contains("canary", StringComparison.Ordinal)) == 2);

        using var closed = await host.SendAsync(HttpMethod.Patch, "/api/keys/made", "sk-boss-secret", new { logContent = false });
        Assert.False(System.Text.Json.JsonElement.Parse(await closed.Content.ReadAsStringAsync()).GetProperty("logContent").GetBoolean());
        upstream.Enqueue(Reply.Text(Answered));
        await SendAsync(host, "/v1/chat/completions", Completion(), secret);
        await host.StopAsync();
        Assert.Equal(2, log.Lines.Count(line => line.Text.Contains("canary", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Secrets_AreNeverInLoggedContent()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "canary-filed-secret\n");
        try
        {
            await using var upstream = await ScriptedUpstream.StartAsync();
            var options = GatewayHost.With(upstream.BaseUrl, Settings) with { Qdrant = new QdrantOptions { ApiKey = $"file:{file}" } };
            options = options with { Upstreams = [options.Upstreams[0] with { ApiKey = "canary-upstream-secret" }] };
            await using var host = await GatewayHost.StartAsync(options, CapturedLog.OpenAllLevels);
            using var log = new CapturedLog();
            log.Hear(host);
            using var created = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss-secret", new { id = "made" });
            var made = System.Text.Json.JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;
            string[] secrets = ["sk-open-secret", "sk-boss-secret", "canary-upstream-secret", "canary-filed-secret", made];

            upstream.Enqueue(Reply.Text($"I saw {string.Join(' ', secrets)}"));
            await SendAsync(host, "/v1/chat/completions", Completion($"These leaked: {string.Join(' ', secrets)}"), "sk-open-secret");
            upstream.Enqueue(Reply.Text($"I saw {string.Join(' ', secrets)}"));
            await SendAsync(host, "/chat", $$"""{"api_version":"v1","message":"These leaked: {{string.Join(' ', secrets)}}","session_id":"talk"}""", "sk-open-secret");

            // An answer is logged when it has been given.
            await host.StopAsync();
            var content = log.Lines.Where(line => line.Category == ContentLog.Category).ToList();
            Assert.Equal(4, content.Count);
            Assert.All(content, line => Assert.Contains("*** *** *** *** ***", line.Text, StringComparison.Ordinal));
            Assert.DoesNotContain(log.Lines, line => secrets.Any(secret => line.Text.Contains(secret, StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(IReadOnlyCollection<LogLine> Lines, List<string> Answers)> TalkAsync(string key)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, Settings), CapturedLog.OpenAllLevels);
        using var log = new CapturedLog();
        log.Hear(host);
        var answers = new List<string>();
        async Task AskAsync(string path, string body)
        {
            upstream.Enqueue(Reply.Pieces(Answered));
            answers.Add(await SendAsync(host, path, body, key));
        }

        await AskAsync("/chat", $$"""{"api_version":"v1","message":"{{Asked}}","session_id":"talk"}""");
        await AskAsync("/v1/chat/completions", Completion());
        await AskAsync("/v1/chat/completions", $$"""{"model":"default","stream":true,"messages":[{"role":"user","content":"{{Asked}}"}]}""");
        await AskAsync("/v1/messages", $$"""{"model":"default","max_tokens":50,"messages":[{"role":"user","content":"{{Asked}}"}]}""");
        await AskAsync("/v1/responses", $$"""{"model":"default","store":false,"input":"{{Asked}}"}""");
        await SendAsync(host, "/v1/embeddings", $$"""{"model":"builtin/hashing","input":"{{Asked}}"}""", key);
        await host.StopAsync();
        return (log.Lines, answers);
    }

    private static string Completion(string message = Asked) => $$"""{"model":"default","messages":[{"role":"user","content":"{{message}}"}]}""";

    private static async Task<string> SendAsync(GatewayHost host, string path, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("X-Correlation-ID", "my-request");
        using var response = await host.Client.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {answer}");
        return answer;
    }
}
