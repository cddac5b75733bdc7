using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Operation;

/// <summary>Budgets over HTTP at the edges of their windows, and while they change, by a clock of the test's. It begins in Berlin at one in the morning.</summary>
public sealed class BudgetWindowTests : ScriptedGatewayTests
{
    private static readonly TimeSpan ToMidnight = TimeSpan.FromHours(23);

    private readonly FakeClock _clock = new();

    private protected override TimeProvider Clock => _clock;

    private protected override OrleansChatOptions Options => new()
    {
        Org = new OrgOptions { TimeZone = "Europe/Berlin" },
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "a", Secret = "sk-a", Budget = new BudgetOptions { Usd = 1, Window = BudgetWindow.Day } },
        ],
    };

    [Fact]
    public async Task Request_BeyondABudget_PassesAtTheMillisecondThatItWasTold()
    {
        await SpendAsync(1_000_000);
        _clock.Advance(ToMidnight - TimeSpan.FromMilliseconds(1_500));
        using (var refused = await ChatAsync("sk-a"))
        {
            Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
            Assert.Equal("1500", Assert.Single(refused.Headers.GetValues("retry-after-ms")));
            Assert.Equal(TimeSpan.FromSeconds(2), refused.Headers.RetryAfter!.Delta);
        }

        _clock.Advance(TimeSpan.FromMilliseconds(1_499));
        using (var early = await ChatAsync("sk-a"))
            Assert.Equal(HttpStatusCode.PaymentRequired, early.StatusCode);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using var inTime = await ChatAsync("sk-a");
        Assert.Equal(HttpStatusCode.OK, inTime.StatusCode);
    }

    [Fact]
    public async Task Call_OverTheEdgeOfAWindow_IsBookedInTheNewOneAndNothingIsLost()
    {
        await SpendAsync(300_000);
        _clock.Advance(ToMidnight - TimeSpan.FromSeconds(1));
        await CallAcrossAsync("sk-a", () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        });

        var budget = await BudgetAsync("sk-a");
        Assert.Equal((0.0006m, 0m), (budget.GetProperty("spentUsd").GetDecimal(), budget.GetProperty("reservedUsd").GetDecimal()));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 23, 0, 0, TimeSpan.Zero), budget.GetProperty("windowStart").GetDateTimeOffset());
        Assert.Equal(0.3006m, (await JsonAsync("/api/usage", "sk-a")).GetProperty("total").GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task Window_ThatChangesWhileACallIsUnderWay_CountsItInTheNewOne()
    {
        using var created = await Host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci", budget = new { usd = 1, window = "day" } });
        var secret = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;

        await CallAcrossAsync(secret, async () =>
        {
            using var changed = await Host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { budget = new { usd = 0.002, window = "total" } });
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            var held = await BudgetAsync(secret);
            Assert.Equal((0.002m, JsonValueKind.Null), (held.GetProperty("limitUsd").GetDecimal(), held.GetProperty("windowEnd").ValueKind));
            Assert.InRange(held.GetProperty("reservedUsd").GetDecimal(), 0.0005m, 0.002m);
        });

        var budget = await BudgetAsync(secret);
        Assert.Equal((0.0006m, 0m, 0.0014m), (
            budget.GetProperty("spentUsd").GetDecimal(), budget.GetProperty("reservedUsd").GetDecimal(), budget.GetProperty("remainingUsd").GetDecimal()));
    }

    [Fact]
    public async Task RotatedKey_KeepsItsOldSecretForTheOverlapAndNoLonger()
    {
        using var created = await Host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci" });
        var first = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        using var rotated = await Host.SendAsync(HttpMethod.Post, "/api/keys/ci/rotate", "sk-boss", new { overlapSeconds = 60 });
        var second = (await rotated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;

        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        using (var before = await ChatAsync(first))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using var after = await ChatAsync(first);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var renewed = await ChatAsync(second);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);

        // Both secrets are one key, whose ledger goes on.
        Assert.Equal(2, (await JsonAsync("/api/usage", second)).GetProperty("total").GetProperty("requests").GetInt64());
    }

    /// <summary>Streams an answer of 200 tokens for 200, and acts while it is under way.</summary>
    private async Task CallAcrossAsync(string secret, Func<Task> act)
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b").WithUsage(200, 200).GatedBy(gate));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(Body(stream: true)) };
        request.Headers.TryAddWithoutValidation("x-api-key", secret);
        gate.Release();
        using var response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await act();
        gate.Open();
        await response.Content.ReadAsStringAsync();
        await TestWait.UntilAsync(async () => (await BudgetAsync(secret)).GetProperty("reservedUsd").GetDecimal() == 0);
    }

    private async Task SpendAsync(int microUsd)
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(microUsd, 0));
        using var response = await ChatAsync("sk-a");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static object Body(bool stream = false) => new { model = "default", stream, messages = new[] { new { role = "user", content = "Hi" } } };

    private Task<HttpResponseMessage> ChatAsync(string secret) => Host.SendAsync(HttpMethod.Post, "/v1/chat/completions", secret, Body());

    private async Task<JsonElement> BudgetAsync(string secret) =>
        (await JsonAsync("/api/limits", secret)).GetProperty("scopes").EnumerateArray().First().GetProperty("budget");

    private async Task<JsonElement> JsonAsync(string path, string secret)
    {
        using var response = await Host.SendAsync(HttpMethod.Get, path, secret);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
