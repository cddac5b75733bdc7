using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>A gateway with its upstreams and its clock, and what an operator sees of it.</summary>
internal sealed class CallWorld : IAsyncDisposable
{
    private readonly GatewayHost _host;
    private readonly LiveSettings _settings;
    private readonly HttpClient _boss;
    private int _topUps;

    private CallWorld(GatewayHost host, LiveSettings settings, PlayedUpstreams upstreams, FakeClock clock)
    {
        (_host, _settings, Upstreams, Clock) = (host, settings, upstreams, clock);
        _boss = new HttpClient { BaseAddress = host.Address };
        _boss.DefaultRequestHeaders.Add("x-api-key", CallSettings.SecretOf(CallSettings.Boss));
    }

    public PlayedUpstreams Upstreams { get; }

    public FakeClock Clock { get; }

    /// <summary>The callers' client.</summary>
    public HttpClient Client => _host.Client;

    /// <summary>Requests that are being answered.</summary>
    public int InFlight => _host.Services.GetRequiredService<LoadGate>().InFlight;

    /// <summary>Starts one.</summary>
    /// <param name="failures">Failures in a row that open a breaker.</param>
    public static async Task<CallWorld> StartAsync(int failures)
    {
        var clock = new FakeClock();
        var upstreams = new PlayedUpstreams(clock);
        var settings = CallSettings.Make(await upstreams.StartAsync("one"), await upstreams.StartAsync("two"), $"http://127.0.0.1:{FreePorts.Next()}/v1", failures);
        var live = new LiveSettings(settings);
        var host = await GatewayHost.StartAsync(settings, services => services.AddSingleton<TimeProvider>(clock).AddSingleton<IOptionsMonitor<OrleansChatOptions>>(live));
        return new CallWorld(host, live, upstreams, clock);
    }

    /// <summary>Changes the requests of a minute of the limited key.</summary>
    public void Limit(int requests)
    {
        _settings.Apply(_settings.CurrentValue with
        {
            ApiKeys = [.. _settings.CurrentValue.ApiKeys.Select(key => key.Id == CallSettings.Limited ? CallSettings.LimitedTo(requests) : key)],
        });
    }

    /// <summary>Adds to the budget of the poor key.</summary>
    public async Task TopUpAsync(decimal usd)
    {
        using var response = await _boss.PostAsJsonAsync($"/api/budgets/key:{CallSettings.Poor}/top-up", new { usd, operationId = $"top-up-{_topUps++}" });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The ledger of a scope.</summary>
    public async Task<List<LedgerEntry>> LedgerAsync(string scope)
    {
        var tracker = _host.Services.GetRequiredService<IActorDirectory>().CostTracker(scope);
        return await tracker.ReadLedgerAsync();
    }

    /// <summary>All scopes with their limits and budgets.</summary>
    public async Task<List<JsonElement>> ScopesAsync() => [.. (await _boss.GetFromJsonAsync<JsonElement>("/api/limits")).GetProperty("scopes").EnumerateArray()];

    public Task<JsonElement> UsageAsync(string groupBy) => _boss.GetFromJsonAsync<JsonElement>($"/api/usage?groupBy={groupBy}");

    public async Task<MetricPage> MetricsAsync() => MetricPage.Parse(await _boss.GetStringAsync("/metrics"));

    public async ValueTask DisposeAsync()
    {
        _boss.Dispose();
        await _host.DisposeAsync();
        await Upstreams.DisposeAsync();
    }
}
