using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Operation;

/// <summary>Reports over a ledger before and after its old entries became sums of days. Days of the organisation begin half an hour off those of reports.</summary>
public sealed class UsageRetentionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Calls = 150;

    private static readonly string[] Groupings = ["key", "team", "model", "upstream", "day"];
    private static readonly string[] Periods = ["", "&from=2030-01-02&to=2030-01-04", "&to=2030-01-03", "&from=2030-01-03", "&from=2030-01-02T00:00:00%2B05:30&to=2030-01-04T00:00:00%2B05:30"];

    private readonly FakeClock _clock = new();
    private ScriptedUpstream _upstream = null!;
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _host = await GatewayHost.StartAsync(Settings(retentionDays: 0), AddClock);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Reports_OfWholeDays_AreTheSameToTheByteFromSumsAsFromEntries()
    {
        var random = Seed.Print(output);
        for (var call = 0; call < Calls; call++)
        {
            _upstream.Enqueue(random.Next(5) switch
            {
                0 => Reply.Text("Hi").WithoutUsage(),
                1 => Reply.Text("Hi").WithUsage(1_000, 500, cachedInputTokens: random.Next(600), reasoningTokens: random.Next(200)),
                _ => Reply.Text("Hi").WithUsage(random.Next(10_000), random.Next(200)),
            });
            (await ChatAsync(random.Next(3) == 0 ? "sk-b" : "sk-a", random.Next(2) == 0 ? "default" : "other")).Dispose();
            _clock.Advance(TimeSpan.FromMinutes(random.Next(90)));
        }

        var before = await ReportsAsync();
        _clock.Advance(TimeSpan.FromDays(2));
        _host = await _host.RestartAsync(Settings(retentionDays: 1), AddClock);
        await TestWait.UntilAsync(async () => await SinglesAsync("key:a") < 40 && await SinglesAsync("key:b") < 40);

        Assert.Equal(Groupings.Length * Periods.Length * 2, before.Count);
        Assert.Equal(before, await ReportsAsync());
    }

    private void AddClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(_clock);

    private OrleansChatOptions Settings(int retentionDays)
    {
        var settings = GatewayHost.With(_upstream.BaseUrl, new OrleansChatOptions
        {
            Org = new OrgOptions { TimeZone = "Asia/Kolkata" },
            Ledger = new LedgerOptions { RetentionDays = retentionDays },
            ApiKeys =
            [
                new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
                new ApiKeyOptions { Id = "a", Secret = "sk-a", Team = "red" },
                new ApiKeyOptions { Id = "b", Secret = "sk-b" },
            ],
            Teams = [new TeamOptions { Id = "red" }],
        });
        return settings with { Models = [settings.Models[0], settings.Models[0] with { Id = "other", InputUsdPerMillion = 3 }] };
    }

    /// <summary>Every report, as it is sent.</summary>
    private async Task<Dictionary<string, string>> ReportsAsync()
    {
        var reports = new Dictionary<string, string>();
        foreach (var query in from groupBy in Groupings from period in Periods from format in (string[])["json", "csv"] select $"?groupBy={groupBy}{period}&format={format}")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/usage{query}");
            request.Headers.TryAddWithoutValidation("x-api-key", "sk-boss");
            using var response = await _host.Client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode, query);
            reports[query] = await response.Content.ReadAsStringAsync();
        }

        return reports;
    }

    private async Task<int> SinglesAsync(string scope) =>
        (await _host.Services.GetRequiredService<IActorDirectory>().CostTracker(scope).ReadLedgerAsync()).Count(entry => entry.SumOf == 0);

    private Task<HttpResponseMessage> ChatAsync(string secret, string model) => _host.SendAsync(
        HttpMethod.Post, "/v1/chat/completions", secret, new { model, messages = new[] { new { role = "user", content = "Hi" } } });
}
