using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>
/// What a call for embeddings costs that is not answered to its end. Voyage's adapter makes three requests of 600 texts, of one word each; the
/// upstream bills those that it answers.
/// </summary>
public sealed class EmbeddingCostTests : IAsyncLifetime
{
    private const decimal Price = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Texts = [.. Enumerable.Range(0, 600).Select(i => $"w{i}")];

    private ScriptedUpstream _first = null!;
    private ScriptedUpstream _second = null!;
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        (_first, _second) = (await ScriptedUpstream.StartAsync(), await ScriptedUpstream.StartAsync());
        _host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 100, Window = BudgetWindow.Total } },
            Upstreams =
            [
                new UpstreamOptions { Id = "voyage", Kind = UpstreamKind.Voyage, BaseUrl = _first.BaseUrl, ApiKey = "k", MaxRetries = 0 },
                new UpstreamOptions { Id = "other", Kind = UpstreamKind.Voyage, BaseUrl = _second.BaseUrl, ApiKey = "k", MaxRetries = 0 },
                new UpstreamOptions { Id = "openai", BaseUrl = _first.BaseUrl, MaxRetries = 0 },
            ],
            Models =
            [
                new ModelOptions { Id = "in-parts", Route = ["voyage/e"], InputUsdPerMillion = Price },
                new ModelOptions { Id = "with-another", Route = ["voyage/e", "other/e"], InputUsdPerMillion = Price },
                new ModelOptions { Id = "in-one", Route = ["openai/e"], InputUsdPerMillion = Price },
            ],
        });
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Embeddings_WhosePartFails_CostWhatTheOthersDid()
    {
        _first.Enqueue(Reply.Embeddings(), Reply.Status(500));

        Assert.Equal(HttpStatusCode.BadGateway, await EmbedAsync("in-parts"));

        Assert.Equal(2, _first.Requests.Count);
        await AssertBookedAsync(256, requests: 1, estimated: 0);
        Assert.Equal(256, _first.Bill.InputTokens);
    }

    [Fact]
    public async Task Embeddings_WhoseAnsweredPartsReportNoTokens_CostAnEstimateOfThose()
    {
        _first.Enqueue(Reply.Embeddings().WithoutUsage(), Reply.Embeddings(), Reply.Status(500));

        Assert.Equal(HttpStatusCode.BadGateway, await EmbedAsync("in-parts"));

        await AssertBookedAsync(Texts.Take(256).Sum(Core.Turns.TokenEstimate.Count) + 256, requests: 1, estimated: 1);
    }

    [Fact]
    public async Task Embeddings_WhoseFirstPartFails_CostNothing()
    {
        _first.Enqueue(Reply.Status(500));

        Assert.Equal(HttpStatusCode.BadGateway, await EmbedAsync("in-parts"));

        await AssertBookedAsync(0, requests: 0, estimated: 0);
    }

    [Fact]
    public async Task Embeddings_ThatAnotherUpstreamFinishes_CostWhatBothDid()
    {
        _first.Enqueue(Reply.Embeddings(), Reply.Status(500));

        Assert.Equal(HttpStatusCode.OK, await EmbedAsync("with-another"));

        Assert.Equal((256, 600), (_first.Bill.InputTokens, _second.Bill.InputTokens));
        await AssertBookedAsync(856, requests: 1, estimated: 0);
        Assert.Equal("other", await GroupAsync());
    }

    [Fact]
    public async Task Embeddings_ThatNoUpstreamFinishes_AreBookedOnTheOneThatAnswered()
    {
        _first.Enqueue(Reply.Embeddings(), Reply.Status(500));
        _second.Enqueue(Reply.Status(500));

        Assert.Equal(HttpStatusCode.BadGateway, await EmbedAsync("with-another"));

        await AssertBookedAsync(256, requests: 1, estimated: 0);
        Assert.Equal("voyage", await GroupAsync());
    }

    [Fact]
    public async Task Embeddings_ThatAreOfNoUse_CostWhatTheUpstreamReports()
    {
        _first.Enqueue(Reply.Embeddings().Without(1));

        Assert.Equal(HttpStatusCode.BadGateway, await EmbedAsync("in-parts"));

        await AssertBookedAsync(256, requests: 1, estimated: 0);
    }

    [Theory]
    [InlineData("in-parts", 1, 256)]
    [InlineData("in-one", 0, 0)]
    public async Task Client_ThatHangsUp_PaysForWhatWasAnsweredAndWhatWasOnItsWay(string model, int answered, int reported)
    {
        _first.Enqueue([.. Enumerable.Repeat(Reply.Embeddings(), answered), Reply.Stall()]);
        using (var client = new CancellationTokenSource())
        {
            var call = EmbedAsync(model, client.Token);
            for (var i = 0; i <= answered; i++)
                await _first.NextRequestAsync().AsTask().WaitAsync(Patience);
            await client.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await _first.Requests[answered].Disconnected.WaitAsync(Patience);
        var onTheWay = model == "in-one" ? Texts : Texts.Skip(256).Take(256);

        // Nothing of a connection that is gone holds the next one up: each scope books for itself.
        await TestWait.UntilAsync(async () => (await TotalAsync()).GetProperty("requests").GetInt64() == 1
            && (await OrgBudgetAsync()).GetProperty("reservedUsd").GetDecimal() == 0);
        await AssertBookedAsync(reported + onTheWay.Sum(Core.Turns.TokenEstimate.Count), requests: 1, estimated: 1);
    }

    [Fact]
    public async Task Embeddings_OfTokens_AreCountedWhereTheUpstreamReportsNone()
    {
        _first.Enqueue(Reply.Embeddings().WithoutUsage());

        using var response = await _host.Client.PostAsJsonAsync("/v1/embeddings", new { model = "in-one", input = new[] { new[] { 1, 2, 3 }, [4, 5] } });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await AssertBookedAsync(5, requests: 1, estimated: 1);
    }

    [Fact]
    public async Task Search_WhoseTextsAreEmbeddedInPart_CostsThatPart()
    {
        _first.Enqueue(Reply.Embeddings(), Reply.Status(500));
        var embeddings = _host.Services.GetRequiredService<SearchEmbeddings>();

        await Assert.ThrowsAnyAsync<OrleansChatException>(() => embeddings.EmbedAsync(
            "voyage/e", EmbeddingPurpose.Document, Texts, new SearchPayer(new ApiKey { Id = "local" }), CancellationToken.None));

        await AssertBookedAsync(256, requests: 1, estimated: 0);
    }

    private async Task<HttpStatusCode> EmbedAsync(string model, CancellationToken cancellationToken = default)
    {
        using var response = await _host.Client.PostAsJsonAsync("/v1/embeddings", new { model, input = Texts }, cancellationToken);
        return response.StatusCode;
    }

    private async Task AssertBookedAsync(long tokens, int requests, int estimated)
    {
        var total = await TotalAsync();
        Assert.Equal((tokens, requests, estimated, tokens * Price / 1_000_000), (
            total.GetProperty("inputTokens").GetInt64(), total.GetProperty("requests").GetInt64(), total.GetProperty("estimatedRequests").GetInt64(),
            total.GetProperty("costUsd").GetDecimal()));

        // The budget tells the same, and nothing is left set aside.
        var budget = await OrgBudgetAsync();
        Assert.Equal((tokens * Price / 1_000_000, 0m), (budget.GetProperty("spentUsd").GetDecimal(), budget.GetProperty("reservedUsd").GetDecimal()));
    }

    private async Task<JsonElement> OrgBudgetAsync() => (await _host.GetAsync("/api/limits"))
        .GetProperty("scopes").EnumerateArray().Single(scope => scope.GetProperty("scope").GetString() == "org").GetProperty("budget");

    private async Task<JsonElement> TotalAsync() => (await _host.GetAsync("/api/usage")).GetProperty("total");

    private async Task<string?> GroupAsync() =>
        Assert.Single((await _host.GetAsync("/api/usage?groupBy=upstream")).GetProperty("items").EnumerateArray()).GetProperty("group").GetString();
}
