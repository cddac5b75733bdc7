using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Operation;

/// <summary>Budgets from the client's side: refusals, free tokens, top-ups. The clock stands: no window ends during a test.</summary>
public sealed class BudgetTests : ScriptedGatewayTests
{
    private readonly FakeClock _clock = new();

    private protected override TimeProvider Clock => _clock;

    private protected override OrleansChatOptions Options => new()
    {
        Org = new OrgOptions { Budget = new BudgetOptions { Usd = 10, Window = BudgetWindow.Day } },
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "a", Secret = "sk-a", Team = "red", Budget = new BudgetOptions { Usd = 5 } },
            new ApiKeyOptions { Id = "b", Secret = "sk-b", Team = "red" },
            new ApiKeyOptions
            {
                Id = "trial",
                Secret = "sk-trial",
                Budget = new BudgetOptions { Usd = 0, FreeTokens = new Dictionary<string, long> { ["default"] = 1_000 } },
            },
        ],
        Teams = [new TeamOptions { Id = "red", Budget = new BudgetOptions { Usd = 8, Window = BudgetWindow.Total } }],
    };

    [Theory]
    [InlineData("sk-a", 4_999_999, "key:a", true)]
    [InlineData("sk-b", 7_999_999, "team:red", false)]
    [InlineData("sk-boss", 9_999_999, "org", true)]
    public async Task Request_BeyondABudget_IsRefusedNamingScopeAndTimeToRetry(string secret, int spentMicroUsd, string scope, bool windowEnds)
    {
        await SpendAsync(secret, spentMicroUsd);

        using var refused = await ChatAsync(secret);

        Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
        var error = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("insufficient_quota", error.GetProperty("code").GetString());
        Assert.Contains($"'{scope}'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(windowEnds, refused.Headers.Contains("Retry-After"));
        if (windowEnds)
            Assert.Equal(await WindowLeftAsync(scope), refused.Headers.RetryAfter!.Delta!.Value);

        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task Embeddings_BeyondABudget_AreNotToldToAskForFewerOutputTokens()
    {
        await SpendAsync("sk-a", 4_999_999);

        using var refused = await Host.SendAsync(HttpMethod.Post, "/v1/embeddings", "sk-a", new { model = "default", input = new string('x', 1_000) });

        Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
        var message = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("message").GetString();
        Assert.Contains("Send less text", message, StringComparison.Ordinal);
        Assert.DoesNotContain("output", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_BeyondABudget_IsInsufficientQuotaToTheOfficialClient()
    {
        await SpendAsync("sk-a", 4_999_999);
        var client = new ChatClient("default", new ApiKeyCredential("sk-a"), new OpenAIClientOptions
        {
            Endpoint = new Uri(Host.Address, "v1"),
            RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0),
        });

        var fault = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync("Hi"));

        Assert.Equal(402, fault.Status);
        Assert.Contains("insufficient_quota", fault.Message, StringComparison.Ordinal);
        Assert.True(fault.GetRawResponse()!.Headers.TryGetValue("retry-after-ms", out _));
    }

    [Fact]
    public async Task Session_BeyondItsBudget_IsRefusedAsAProblem_UntilItIsToppedUp()
    {
        var session = await SessionAsync(budgetUsd: 0.001m);
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(500, 250));
        using (var first = await TurnAsync(session))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using (var refused = await TurnAsync(session))
        {
            Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("budget_exceeded", problem.GetProperty("code").GetString());
            Assert.Contains($"'session:{session}'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.False(refused.Headers.Contains("Retry-After"));
        }

        var limits = await JsonAsync(HttpMethod.Get, $"/api/limits?session={session}", "sk-a");
        var line = limits.GetProperty("scopes").EnumerateArray().Single(scope => scope.GetProperty("scope").GetString() == $"session:{session}");
        Assert.Equal((0.001m, 0.001m), (line.GetProperty("budget").GetProperty("limitUsd").GetDecimal(), line.GetProperty("budget").GetProperty("spentUsd").GetDecimal()));

        await JsonAsync(HttpMethod.Post, $"/api/budgets/session:{session}/top-up", "sk-boss", new { usd = 1, operationId = "more" });
        using var after = await TurnAsync(session);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task TopUp_IsCountedOnce_AndTold()
    {
        await SpendAsync("sk-a", 5_000_000);
        for (var i = 0; i < 2; i++)
        {
            var answer = await JsonAsync(HttpMethod.Post, "/api/budgets/key:a/top-up", "sk-boss", new { usd = 2.5, operationId = "invoice-7" });
            Assert.Equal(("key:a", 7.5m), (answer.GetProperty("scope").GetString(), answer.GetProperty("budget").GetProperty("limitUsd").GetDecimal()));
        }

        var budget = (await JsonAsync(HttpMethod.Get, "/api/limits", "sk-a")).GetProperty("scopes")[0].GetProperty("budget");
        Assert.Equal((7.5m, 2.5m, 5m, 2.5m), (
            budget.GetProperty("limitUsd").GetDecimal(), budget.GetProperty("toppedUpUsd").GetDecimal(),
            budget.GetProperty("spentUsd").GetDecimal(), budget.GetProperty("remainingUsd").GetDecimal()));
        Assert.Equal([80, 100], budget.GetProperty("reachedThresholds").EnumerateArray().Select(percent => percent.GetInt32()));
        var item = Assert.Single((await JsonAsync(HttpMethod.Get, "/api/budgets/key:a/top-ups", "sk-boss")).GetProperty("items").EnumerateArray());
        Assert.Equal(("invoice-7", 2.5m, "boss"), (item.GetProperty("operationId").GetString(), item.GetProperty("usd").GetDecimal(), item.GetProperty("by").GetString()));
        using var passes = await ChatAsync("sk-a");
        Assert.Equal(HttpStatusCode.OK, passes.StatusCode);
    }

    [Fact]
    public async Task Session_ThatTakesTheIdOfADeletedOne_DoesNotShowWhatThatOneSpent()
    {
        var session = await SessionAsync(budgetUsd: 1);
        using (var turn = await TurnAsync(session))
            Assert.Equal(HttpStatusCode.OK, turn.StatusCode);
        using (var deleted = await Host.SendAsync(HttpMethod.Delete, $"/api/sessions/{session}", "sk-a"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        await JsonAsync(HttpMethod.Post, "/chat", "sk-b", new { message = "Hi", session_id = session });

        var limits = await JsonAsync(HttpMethod.Get, $"/api/limits?session={session}", "sk-b");
        var line = limits.GetProperty("scopes").EnumerateArray().Single(scope => scope.GetProperty("scope").GetString() == $"session:{session}");
        Assert.Equal(JsonValueKind.Null, line.GetProperty("budget").ValueKind);
    }

    [Theory]
    [InlineData("key:a", """{ "usd": 0, "operationId": "x" }""", HttpStatusCode.BadRequest)]
    [InlineData("key:a", """{ "usd": -5, "operationId": "x" }""", HttpStatusCode.BadRequest)]
    [InlineData("key:a", """{ "usd": 1e30, "operationId": "x" }""", HttpStatusCode.BadRequest)]
    [InlineData("key:a", """{ "usd": "5", "operationId": "x" }""", HttpStatusCode.BadRequest)]
    [InlineData("key:a", """{ "usd": 5 }""", HttpStatusCode.BadRequest)]
    [InlineData("key:a", """{ "operationId": "x" }""", HttpStatusCode.BadRequest)]
    [InlineData("key:b", """{ "usd": 5, "operationId": "x" }""", HttpStatusCode.BadRequest)] // has no budget
    [InlineData("key:nobody", """{ "usd": 5, "operationId": "x" }""", HttpStatusCode.NotFound)]
    [InlineData("model:default", """{ "usd": 5, "operationId": "x" }""", HttpStatusCode.NotFound)]
    [InlineData("session:none", """{ "usd": 5, "operationId": "x" }""", HttpStatusCode.NotFound)]
    public async Task TopUp_OfWhatCannotBe_IsRefused(string scope, string body, HttpStatusCode status)
    {
        using var response = await Host.SendAsync(HttpMethod.Post, $"/api/budgets/{scope}/top-up", "sk-boss", JsonElement.Parse(body));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task TopUp_ByAnOrdinaryKey_IsForbidden()
    {
        using var response = await Host.SendAsync(
            HttpMethod.Post, "/api/budgets/key:a/top-up", "sk-a", new { usd = 1, operationId = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task FreeTokens_AreUsedUpFirst_AndThenTheBudgetRefuses()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(600, 300));
        using (var first = await ChatAsync("sk-trial"))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using (var second = await ChatAsync("sk-trial"))
            Assert.Equal(HttpStatusCode.PaymentRequired, second.StatusCode);

        var free = (await JsonAsync(HttpMethod.Get, "/api/limits", "sk-trial")).GetProperty("scopes")[0].GetProperty("budget").GetProperty("freeTokens")[0];
        Assert.Equal(("default", 1_000, 900, 0, 100), (
            free.GetProperty("model").GetString(), free.GetProperty("limit").GetInt64(), free.GetProperty("used").GetInt64(),
            free.GetProperty("reserved").GetInt64(), free.GetProperty("remaining").GetInt64()));
        var total = (await JsonAsync(HttpMethod.Get, "/api/usage", "sk-trial")).GetProperty("total");
        Assert.Equal((0m, 900, (600 + 600) / 1_000_000m), (
            total.GetProperty("costUsd").GetDecimal(), total.GetProperty("freeTokens").GetInt64(), total.GetProperty("freeUsd").GetDecimal()));
    }

    [Fact]
    public async Task Upstream_ThatBillsMoreThanWasReserved_IsBookedInFullAndCountedAsExcess()
    {
        await SpendAsync("sk-a", 9_000_000);

        var budget = (await JsonAsync(HttpMethod.Get, "/api/limits", "sk-a")).GetProperty("scopes")[0].GetProperty("budget");
        Assert.Equal((9m, 0m, 1), (
            budget.GetProperty("spentUsd").GetDecimal(), budget.GetProperty("remainingUsd").GetDecimal(), budget.GetProperty("excess").GetProperty("requests").GetInt64()));
        Assert.InRange(budget.GetProperty("excess").GetProperty("usd").GetDecimal(), 8.99m, 9m);
    }

    [Fact]
    public async Task Key_MadeAtRunTime_MayHaveThresholdsAndFreeTokens()
    {
        var made = await JsonAsync(HttpMethod.Post, "/api/keys", "sk-boss", new
        {
            id = "ci",
            budget = new { usd = 0, window = "week", thresholds = new[] { 50 }, freeTokens = new Dictionary<string, long> { ["default"] = 5_000 } },
        });
        Assert.Equal(50, Assert.Single(made.GetProperty("budget").GetProperty("thresholds").EnumerateArray()).GetInt32());
        Assert.Equal(5_000, made.GetProperty("budget").GetProperty("freeTokens").GetProperty("default").GetInt64());
        using var answer = await ChatAsync(made.GetProperty("secret").GetString()!);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        using var wrong = await Host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new
        {
            budget = new { usd = 0, thresholds = new[] { 0 }, freeTokens = new Dictionary<string, long> { ["default"] = -1 } },
        });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var detail = (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Contains("budget.thresholds[0]", detail, StringComparison.Ordinal);
        Assert.Contains("budget.freeTokens.default", detail, StringComparison.Ordinal);
    }

    private async Task SpendAsync(string secret, int microUsd)
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(microUsd, 0));
        using var response = await ChatAsync(secret);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<TimeSpan> WindowLeftAsync(string scope)
    {
        var limits = await JsonAsync(HttpMethod.Get, "/api/limits", "sk-boss");
        var line = limits.GetProperty("scopes").EnumerateArray().Single(one => one.GetProperty("scope").GetString() == scope);
        return line.GetProperty("budget").GetProperty("windowEnd").GetDateTimeOffset() - _clock.GetUtcNow();
    }

    private async Task<string> SessionAsync(decimal budgetUsd) =>
        (await JsonAsync(HttpMethod.Post, "/api/sessions", "sk-a", new { budgetUsd })).GetProperty("id").GetString()!;

    private Task<HttpResponseMessage> TurnAsync(string session) =>
        Host.SendAsync(HttpMethod.Post, $"/api/sessions/{session}/turns", "sk-a", new { message = "Hi" });

    private Task<HttpResponseMessage> ChatAsync(string secret) => Host.SendAsync(
        HttpMethod.Post, "/v1/chat/completions", secret, new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });

    private async Task<JsonElement> JsonAsync(HttpMethod method, string path, string secret, object? body = null)
    {
        using var response = await Host.SendAsync(method, path, secret, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
