using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Search;

/// <summary>What the models of search cost, whom, and what becomes of a search that may not ask them.</summary>
public sealed class SearchCostTests : ScriptedGatewayTests
{
    private const decimal EmbedPrice = 0.02m;
    private const decimal RerankPrice = 0.05m;

    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "a", Secret = "sk-a" },
            new ApiKeyOptions { Id = "poor", Secret = "sk-poor", Budget = new BudgetOptions { Usd = 0 } },
            new ApiKeyOptions { Id = "one", Secret = "sk-one", Limits = new LimitOptions { MaxConcurrent = 1, RequestsPerMinute = 1 } },
        ],
        Embeddings = new EmbeddingsOptions { Model = "scripted/embedder", InputUsdPerMillion = EmbedPrice },
        Search = new SearchOptions { RerankModel = "scripted/reranker", RerankUsdPerMillion = RerankPrice },
        Breakers = new BreakerOptions { ConsecutiveFailures = 2 },
    };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (await SendAsync(HttpMethod.Put, "/api/collections/docs", "sk-boss", new { })).Dispose();
    }

    [Fact]
    public async Task IndexingAndSearching_AreBilledToTheKeyThatAsks_AndTheCacheToNobody()
    {
        await IndexAsync("sk-a");
        await SearchAsync("sk-a", "quick fox");
        await SearchAsync("sk-a", "quick fox");
        await SearchAsync("sk-boss", "quick fox");

        var own = await UsageAsync("sk-a", "model");
        Assert.Equal(("scripted/embedder", 2, 6), (own.GetProperty("items")[0].GetProperty("group").GetString(), own.Number("requests"), own.Number("inputTokens")));
        Assert.Equal(6 * EmbedPrice / 1_000_000, own.GetProperty("total").GetProperty("costUsd").GetDecimal());

        // What no key asked for is the server's own: the length of the model's vectors.
        var all = await UsageAsync("sk-boss", "key");
        Assert.Equal(["a", "system"], all.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("group").GetString()));
        Assert.Equal(Upstream.Bill.InputTokens, all.Number("inputTokens"));
    }

    [Fact]
    public async Task Reranking_IsBilledAtItsOwnPrice()
    {
        await IndexAsync("sk-a");
        Upstream.Enqueue(Reply.Embeddings(), Reply.Raw(200, "application/json", """{"data":[{"index":0,"relevance_score":0.4}],"usage":{"total_tokens":40}}"""));
        var answer = await SearchAsync("sk-a", "fox jumps", rerank: true);
        Assert.False(answer.GetProperty("degraded").GetBoolean());
        var line = (await UsageAsync("sk-a", "model")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("group").GetString() == "scripted/reranker");
        Assert.Equal((40, 40 * RerankPrice / 1_000_000), (line.GetProperty("inputTokens").GetInt64(), line.GetProperty("costUsd").GetDecimal()));
    }

    [Fact]
    public async Task Search_WithAnEmptyBudget_AnswersFromWordsAndSaysWhy()
    {
        await IndexAsync("sk-a");
        var asked = Upstream.Requests.Count;
        var answer = await SearchAsync("sk-poor", "fox", rerank: true);
        Assert.Equal("d", answer.GetProperty("hits")[0].GetProperty("documentId").GetString());
        Assert.Equal(("budget_exceeded", "key:poor budget"), (
            answer.GetProperty("cause").GetProperty("code").GetString(), answer.GetProperty("cause").GetProperty("subject").GetString()));
        Assert.Equal(asked, Upstream.Requests.Count);

        using var upload = await SendAsync(HttpMethod.Post, "/api/collections/docs/documents", "sk-poor", new { documents = new[] { new { id = "x", text = "x" } } });
        Assert.Equal(HttpStatusCode.PaymentRequired, upload.StatusCode);
        Assert.Equal(0, (await UsageAsync("sk-poor", "key")).Number("requests"));
    }

    [Fact]
    public async Task Search_WhileTheBreakerIsOpen_AnswersFromWordsWithoutAskingTheUpstream()
    {
        await IndexAsync("sk-a");
        Upstream.Fallback = static _ => Reply.Status(500);
        for (var i = 0; i < 2; i++)
            Assert.Equal("upstream_error", (await SearchAsync("sk-a", $"fox {i}")).GetProperty("cause").GetProperty("code").GetString());

        var asked = Upstream.Requests.Count;
        var answer = await SearchAsync("sk-a", "another fox");
        Assert.Equal("upstream_unavailable", answer.GetProperty("cause").GetProperty("code").GetString());
        Assert.Equal("d", answer.GetProperty("hits")[0].GetProperty("documentId").GetString());
        Assert.Equal(asked, Upstream.Requests.Count);
        Assert.Equal(1, (await UsageAsync("sk-a", "key")).Number("requests"));

        // The same breaker as that of every other call to the upstream.
        using var chat = await ChatAsync("sk-a");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, chat.StatusCode);
    }

    [Fact]
    public async Task ATurn_LooksForItsPassagesInThePlaceThatItHolds()
    {
        await IndexAsync("sk-a");
        using var created = await SendAsync(HttpMethod.Post, "/api/sessions", "sk-one", new { budgetUsd = 1 });
        var session = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        using var turn = await SendAsync(HttpMethod.Post, $"/api/sessions/{session}/turns", "sk-one", new { message = "What does the fox jump over?" });
        Assert.Equal(HttpStatusCode.OK, turn.StatusCode);
        var models = (await UsageAsync("sk-one", "model")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("group").GetString());
        Assert.Equal(["default", "scripted/embedder"], models);
        var budget = (await GetAsync("sk-one", $"/api/limits?session={session}")).GetProperty("scopes").EnumerateArray()
            .Single(scope => scope.GetProperty("scope").GetString() == $"session:{session}").GetProperty("budget");
        Assert.Equal((await UsageAsync("sk-one", "key")).GetProperty("total").GetProperty("costUsd").GetDecimal(), budget.GetProperty("spentUsd").GetDecimal());
    }

    private async Task IndexAsync(string secret)
    {
        using var response = await SendAsync(HttpMethod.Post, "/api/collections/docs/documents", secret, new { documents = new[] { new { id = "d", text = "the fox jumps over" } } });
        Assert.Equal(1, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("indexed").GetInt32());
    }

    private async Task<JsonElement> SearchAsync(string secret, string query, bool rerank = false)
    {
        using var response = await SendAsync(HttpMethod.Post, "/api/search", secret, new { query, collection = "docs", rerank });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<HttpResponseMessage> ChatAsync(string secret) =>
        SendAsync(HttpMethod.Post, "/v1/chat/completions", secret, new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });

    private Task<JsonElement> UsageAsync(string secret, string groupBy) => GetAsync(secret, $"/api/usage?groupBy={groupBy}");

    private async Task<JsonElement> GetAsync(string secret, string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path, secret, null);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string secret, object? body) =>
        Host.SendAsync(method, path, secret, body);
}

/// <summary>Reads a report.</summary>
internal static class UsageReports
{
    public static long Number(this JsonElement report, string name) => report.GetProperty("total").GetProperty(name).GetInt64();
}
