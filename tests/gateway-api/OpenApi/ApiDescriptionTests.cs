using System.Net;
using System.Text.Json;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.OpenApi;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.OpenApi;

/// <summary>What is described, held against what is answered.</summary>
public sealed class ApiDescriptionTests
{
    [Fact]
    public async Task EveryExample_IsTakenAndAnsweredAsDescribed()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { Upstreams = [new UpstreamOptions { Id = "openai", BaseUrl = upstream.BaseUrl, MaxRetries = 0 }] });
        var api = await host.GetAsync("/openapi/v1.json");
        using (await host.Client.PutAsync("/api/collections/docs", GatewayHost.Json("{}")))
        {
        }

        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString()!;
        var turn = (await host.PostAsync($"/api/sessions/{session}/turns", new { message = "Hi" })).GetProperty("turnId").GetString()!;
        foreach (var (route, _) in ApiExamples.Requests)
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
            var described = api.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
            var example = described.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText();
            var address = path.Replace("{id}", path.StartsWith("/api/keys", StringComparison.Ordinal) ? "ci" : session, StringComparison.Ordinal)
                .Replace("{turnId}", turn, StringComparison.Ordinal).Replace("{name}", "docs", StringComparison.Ordinal).Replace("{scope}", "key:ci", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = GatewayHost.Json(example) };
            using var response = await host.Client.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{route}: {(int)response.StatusCode} {answer}");
            Assert.True(described.GetProperty("responses").TryGetProperty($"{(int)response.StatusCode}", out var success), $"{route}: {(int)response.StatusCode} is not described.");
            Assert.Equal([], UndescribedHeaders(response, success));
            if (success.TryGetProperty("content", out var content) && content.GetProperty("application/json").TryGetProperty("schema", out var schema))
                Assert.Equal([], new JsonSchema(api).FaultsOf(JsonElement.Parse(answer), schema, route));
        }
    }

    [Theory]
    [InlineData("POST", "/api/sessions", "/api/sessions", "{", 400, "invalid_request")]
    [InlineData("GET", "/api/sessions/{id}", "/api/sessions/none", null, 404, "not_found")]
    [InlineData("GET", "/api/incidents", "/api/incidents", null, 403, "forbidden")]
    [InlineData("GET", "/api/collections/{name}", "/api/collections/other", null, 403, "forbidden")]
    [InlineData("POST", "/api/search", "/api/search", """{"query":"x","collection":"none"}""", 404, "not_found")]
    [InlineData("POST", "/v1/chat/completions", "/v1/chat/completions", """{"model":"none","messages":[{"role":"user","content":"Hi"}]}""", 404, "not_found")]
    public async Task AProblem_IsAnsweredWithTheMembersThatItsExampleShows(string method, string route, string path, string? body, int status, string code)
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a", Collections = ["none"] }] });
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : GatewayHost.Json(body) };
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);

        var described = (await host.GetAsync("/openapi/v1.json")).GetProperty("paths").GetProperty(route).GetProperty(method.ToLowerInvariant())
            .GetProperty("responses").GetProperty($"{status}").GetProperty("content");
        var example = described.GetProperty(response.Content.Headers.ContentType!.MediaType!).GetProperty("examples").GetProperty(code).GetProperty("value");
        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Subset(Names(answer), Names(example));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v1/messages", """{"model":"default","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/chat", """{"message":"Hi"}""")]
    public async Task AnswersAndRefusals_BearNoHeaderThatIsNotDescribed(string route, string body)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "openai", BaseUrl = upstream.BaseUrl, MaxRetries = 0 }],
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a", Cache = CacheScope.Key, Limits = new LimitOptions { RequestsPerMinute = 3, TokensPerMinute = 100_000 } }],
        });
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        host.Client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        var responses = (await host.GetAsync("/openapi/v1.json")).GetProperty("paths").GetProperty(route).GetProperty("post").GetProperty("responses");
        var statuses = new HashSet<int>();
        for (var i = 0; i < 5; i++)
        {
            using var response = await host.Client.PostAsync(route, GatewayHost.Json(body));
            statuses.Add((int)response.StatusCode);
            Assert.Equal([], UndescribedHeaders(response, responses.GetProperty($"{(int)response.StatusCode}")));
            if (i > 0)
                host.Client.DefaultRequestHeaders.Remove("Idempotency-Key");
        }

        Assert.Equal([200, 429], statuses.Order());
    }

    [Fact]
    public async Task EveryRoute_SaysThatItMayRefuseAnUnknownKeyUnlessItIsOpen()
    {
        await using var host = await GatewayHost.StartAsync();
        var paths = (await host.GetAsync("/openapi/v1.json")).GetProperty("paths");
        string[] open = ["/health", "/live", "/ready"];
        foreach (var path in paths.EnumerateObject().Where(path => !open.Contains(path.Name)))
        {
            foreach (var operation in path.Value.EnumerateObject())
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _), $"{operation.Name} {path.Name}");
        }
    }

    [Theory]
    [InlineData("/openapi", "text/html")]
    [InlineData("/openapi/page.js", "text/javascript")]
    [InlineData("/openapi/page.css", "text/css")]
    public async Task ThePage_NeedsNothingFromElsewhere(string path, string type)
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }] });
        using var response = await host.Client.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains("script-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("http", (await response.Content.ReadAsStringAsync()).Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServersAddress_LeadsToThePage()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }] });
        using var response = await host.Client.GetAsync("/");
        Assert.Equal((HttpStatusCode.OK, "/openapi"), (response.StatusCode, response.RequestMessage!.RequestUri!.AbsolutePath));
    }

    /// <summary>The headers that a response bears and its description does not name, but for what all servers have.</summary>
    private static IEnumerable<string> UndescribedHeaders(HttpResponseMessage response, JsonElement described)
    {
        string[] known = ["Cache-Control", "Date", "Location", "Transfer-Encoding", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"];
        string[] names = described.TryGetProperty("headers", out var headers) ? [.. headers.EnumerateObject().Select(header => header.Name)] : [];
        return response.Headers.Select(header => header.Key).Except(known, StringComparer.OrdinalIgnoreCase).Except(names, StringComparer.OrdinalIgnoreCase);
    }

    private static HashSet<string> Names(JsonElement element) => element.ValueKind is JsonValueKind.Object
        ? [.. element.EnumerateObject().SelectMany(member => Names(member.Value).Select(inner => $"{member.Name}.{inner}").Append(member.Name))]
        : [];
}
