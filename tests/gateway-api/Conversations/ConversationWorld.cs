using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>A gateway with its upstreams and its clock, and what clients and an operator see of it.</summary>
internal sealed class ConversationWorld : IGatewaySite, IAsyncDisposable
{
    private readonly LiveSettings _settings;
    private GatewayHost _host;
    private int _topUps;

    private ConversationWorld(GatewayHost host, LiveSettings settings, PlayedUpstreams upstreams, FakeClock clock) =>
        (_host, _settings, Upstreams, Clock) = (host, settings, upstreams, clock);

    public PlayedUpstreams Upstreams { get; }

    public FakeClock Clock { get; }

    public HttpClient Client => _host.Client;

    public Uri Address => _host.Address;

    /// <summary>Now, in ticks of UTC.</summary>
    public long Now => Clock.GetTimestamp();

    public static async Task<ConversationWorld> StartAsync()
    {
        var clock = new FakeClock();
        var upstreams = new PlayedUpstreams(clock);
        var settings = ConversationSettings.Make(await upstreams.StartAsync("one"), await upstreams.StartAsync("two"), $"http://127.0.0.1:{FreePorts.Next()}/v1");
        var live = new LiveSettings(settings);
        return new ConversationWorld(await GatewayHost.StartAsync(settings, services => Configure(services, clock, live)), live, upstreams, clock);
    }

    /// <summary>Stops the gateway in order and starts another one over its data.</summary>
    public async Task RestartAsync() =>
        _host = await _host.RestartAsync(_settings.CurrentValue, services => Configure(services, Clock, _settings));

    /// <summary>Asks as a key.</summary>
    /// <returns>The status, and the answer where it is JSON.</returns>
    public async Task<(int Status, JsonElement Body)> AskAsync(string key, HttpMethod method, string path, object? body = null)
    {
        using var request = Request(key, method, path, body);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonElement.Parse(text) : default);
    }

    /// <summary>A request of a key.</summary>
    public static HttpRequestMessage Request(string key, HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("x-api-key", CallSettings.SecretOf(key));
        return request;
    }

    /// <summary>Adds to the budget of the poor key.</summary>
    public async Task TopUpAsync(decimal usd)
    {
        var (status, _) = await AskAsync(
            ConversationSettings.Boss, HttpMethod.Post, $"/api/budgets/key:{ConversationSettings.Poor}/top-up", new { usd, operationId = $"top-up-{_topUps++}" });
        Assert.True(status < 300);
    }

    /// <summary>The ledgers of all keys.</summary>
    public async Task<List<LedgerEntry>> LedgerAsync()
    {
        var entries = new List<LedgerEntry>();
        foreach (var key in ConversationSettings.Keys)
        {
            var tracker = _host.Services.GetRequiredService<IActorDirectory>().CostTracker($"key:{key}");
            await foreach (var entry in tracker.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, CancellationToken.None))
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>All scopes with their limits and budgets.</summary>
    public async Task<List<JsonElement>> ScopesAsync() =>
        [.. (await AskAsync(ConversationSettings.Boss, HttpMethod.Get, "/api/limits")).Body.GetProperty("scopes").EnumerateArray()];

    public async Task<JsonElement> UsageAsync(string groupBy) =>
        (await AskAsync(ConversationSettings.Boss, HttpMethod.Get, $"/api/usage?groupBy={groupBy}")).Body;

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Upstreams.DisposeAsync();
    }

    private static void Configure(IServiceCollection services, FakeClock clock, LiveSettings settings) =>
        services.AddSingleton<TimeProvider>(clock).AddSingleton<IOptionsMonitor<OrleansChatOptions>>(settings);
}
