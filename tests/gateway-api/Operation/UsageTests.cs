using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Operation;

public sealed class UsageTests(ITestOutputHelper output) : ScriptedGatewayTests
{
    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "a", Secret = "sk-a", Team = "red" },
            new ApiKeyOptions { Id = "b", Secret = "sk-b", Team = "red" },
        ],
        Teams = [new TeamOptions { Id = "red" }],
    };

    private protected override OrleansChatOptions Adjust(OrleansChatOptions settings)
    {
        var model = settings.Models[0];
        return settings with
        {
            Models = [model, model with { Id = "=other" }, model with { Id = "thinker", CachedInputUsdPerMillion = 0.1m, ReasoningUsdPerMillion = 5 }],
            Embeddings = new EmbeddingsOptions { Model = "scripted/embedder", InputUsdPerMillion = 0.02m },
        };
    }

    [Fact]
    public async Task Reports_OfAllKindsAddUpToTheSpend_WhateverWasAsked()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var runtime = await NewKeyAsync();
        string[] secrets = ["sk-a", "sk-b", "sk-boss", runtime];
        for (var i = 0; i < 30; i++)
        {
            Upstream.Enqueue(random.Next(5) == 0 ? Reply.Status(500) : Reply.Text("Hi").WithUsage(random.Next(10_000), random.Next(200)));
            (await ChatAsync(secrets[random.Next(secrets.Length)], random.Next(2) == 0 ? "default" : "=other")).Dispose();
        }

        using (await Host.SendAsync(HttpMethod.Delete, "/api/keys/ci", "sk-boss"))
        {
        }

        var spent = Upstream.Bill.InputTokens * 0.000001m + Upstream.Bill.OutputTokens * 0.000002m;
        foreach (var groupBy in new[] { "key", "team", "model", "upstream", "day" })
        {
            var report = await ReportAsync("sk-boss", $"?groupBy={groupBy}");
            Assert.Equal(spent, report.GetProperty("total").GetProperty("costUsd").GetDecimal());
            Assert.Equal(spent, report.GetProperty("items").EnumerateArray().Sum(item => item.GetProperty("costUsd").GetDecimal()));
            Assert.Equal(Upstream.Bill.InputTokens, report.GetProperty("items").EnumerateArray().Sum(item => item.GetProperty("inputTokens").GetInt64()));
        }
    }

    [Fact]
    public async Task Key_SeesItsOwnUsageOnly()
    {
        (await ChatAsync("sk-a", "default")).Dispose();
        (await ChatAsync("sk-b", "default")).Dispose();
        var own = await ReportAsync("sk-a", "?groupBy=key");
        Assert.Equal("a", Assert.Single(own.GetProperty("items").EnumerateArray()).GetProperty("group").GetString());
        Assert.Equal(2, (await ReportAsync("sk-boss", "?groupBy=team")).GetProperty("items")[0].GetProperty("requests").GetInt64());
    }

    [Theory]
    [InlineData("?groupBy=model&format=csv", "*/*")]
    [InlineData("?groupBy=model", "text/csv")]
    [InlineData("?groupBy=model", "application/json;q=0.5, text/csv")]
    public async Task Csv_IsGivenWhereItIsAskedFor(string query, string accept)
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(1000, 500));
        (await ChatAsync("sk-a", "=other")).Dispose();
        using var response = await GetAsync("sk-boss", query, accept);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "group,requests,inputTokens,outputTokens,costUsd,savedUsd,cachedInputTokens,cacheWriteInputTokens,reasoningTokens,freeTokens,freeUsd,estimatedRequests\r\n"
            + "'=other,1,1000,500,0.002,0,0,0,0,0,0,0\r\n",
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("key")]
    [InlineData("team")]
    [InlineData("model")]
    [InlineData("upstream")]
    [InlineData("day")]
    public async Task Csv_OfEachGrouping_SaysWhatTheJsonSays(string groupBy)
    {
        foreach (var (secret, model) in new[] { ("sk-a", "default"), ("sk-b", "=other"), ("sk-boss", "thinker") })
        {
            Upstream.Enqueue(Reply.Text("Hi").WithUsage(1000, 500, cachedInputTokens: 10, reasoningTokens: 20));
            (await ChatAsync(secret, model)).Dispose();
        }

        var items = (await ReportAsync("sk-boss", $"?groupBy={groupBy}")).GetProperty("items").EnumerateArray().ToList();
        using var response = await GetAsync("sk-boss", $"?groupBy={groupBy}&format=csv", "*/*");
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        var names = lines[0].Split(',');
        Assert.Equal(items.Count, lines.Length - 1);
        foreach (var (item, line) in items.Zip(lines.Skip(1)))
        {
            var cells = line.Split(',');
            Assert.Equal(item.GetProperty("group").GetString(), cells[0].TrimStart('\''));
            foreach (var (name, cell) in names.Zip(cells).Skip(1))
                Assert.Equal((name, item.GetProperty(name).GetDecimal()), (name, decimal.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public async Task Kinds_OfTokens_AreBilledAtTheirOwnPricesAndReported()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(1000, 500, cachedInputTokens: 600, reasoningTokens: 200));
        (await ChatAsync("sk-a", "thinker")).Dispose();
        Upstream.Enqueue(Reply.Text("Hi").WithoutUsage());
        (await ChatAsync("sk-a", "thinker")).Dispose();

        var total = (await ReportAsync("sk-a", "")).GetProperty("total");
        Assert.Equal((600, 0, 200, 1), (
            total.GetProperty("cachedInputTokens").GetInt64(), total.GetProperty("cacheWriteInputTokens").GetInt64(),
            total.GetProperty("reasoningTokens").GetInt64(), total.GetProperty("estimatedRequests").GetInt64()));
        var counted = (total.GetProperty("inputTokens").GetInt64() - 1000, total.GetProperty("outputTokens").GetInt64() - 500);
        var first = ((400 * 1m) + (600 * 0.1m) + (300 * 2m) + (200 * 5m)) / 1_000_000;
        Assert.Equal(first + ((counted.Item1 * 1m) + (counted.Item2 * 2m)) / 1_000_000, total.GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Embeddings_AreBilledAtThePriceOfTheirModel()
    {
        (await Host.SendAsync(HttpMethod.Post, "/v1/embeddings", "sk-b", new { model = "scripted/embedder", input = "Hello world" })).Dispose();

        var line = Assert.Single((await ReportAsync("sk-b", "")).GetProperty("items").EnumerateArray());
        Assert.Equal("scripted/embedder", line.GetProperty("group").GetString());
        var tokens = line.GetProperty("inputTokens").GetInt64();
        Assert.True(tokens > 0);
        Assert.Equal(tokens * 0.02m / 1_000_000, line.GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Time_BoundsTheReport()
    {
        (await ChatAsync("sk-a", "default")).Dispose();
        Assert.Equal(1, (await ReportAsync("sk-a", "?from=2020-01-01&to=2999-01-01")).GetProperty("total").GetProperty("requests").GetInt64());
        Assert.Equal(0, (await ReportAsync("sk-a", "?from=2999-01-01")).GetProperty("total").GetProperty("requests").GetInt64());
        Assert.Equal(0, (await ReportAsync("sk-a", "?to=2020-01-01")).GetProperty("total").GetProperty("requests").GetInt64());
    }

    [Theory]
    [InlineData("?groupBy=colour")]
    [InlineData("?from=yesterday")]
    [InlineData("?from=11/12/2030")]
    [InlineData("?to=12:00")]
    [InlineData("?from=2030-01-02&to=2030-01-01")]
    [InlineData("?format=xml")]
    public async Task WrongQuery_IsRefused(string query)
    {
        using var response = await GetAsync("sk-a", query, "*/*");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<string> NewKeyAsync()
    {
        using var response = await Host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci" });
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    private Task<HttpResponseMessage> ChatAsync(string secret, string model) => Host.SendAsync(
        HttpMethod.Post, "/v1/chat/completions", secret, new { model, messages = new[] { new { role = "user", content = "Hi" } } });

    private async Task<JsonElement> ReportAsync(string secret, string query)
    {
        using var response = await GetAsync(secret, query, "application/json");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> GetAsync(string secret, string query, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/usage{query}");
        request.Headers.TryAddWithoutValidation("x-api-key", secret);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await Host.Client.SendAsync(request);
    }
}
