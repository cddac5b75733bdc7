using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>A gateway whose host dies and is started again over its data, with its upstreams and its clock.</summary>
internal sealed class StepWorld : IGatewaySite, IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _urls;
    private GatewayHost _host;
    private int _number;

    private StepWorld(GatewayHost host, HandUpstreams upstreams, FakeClock clock, IReadOnlyDictionary<string, string> urls) =>
        (_host, Upstreams, Clock, _urls) = (host, upstreams, clock, urls);

    public HandUpstreams Upstreams { get; }

    public FakeClock Clock { get; }

    public HttpClient Client => _host.Client;

    public Uri Address => _host.Address;

    /// <summary>The host, as upstreams know it.</summary>
    public string Host => NameOf(_number);

    /// <summary>Now, in ticks of UTC.</summary>
    public long Now => Clock.GetTimestamp();

    public static async Task<StepWorld> StartAsync()
    {
        var clock = new FakeClock();
        var upstreams = new HandUpstreams();
        var urls = new Dictionary<string, string>();
        foreach (var id in StepSettings.RouteOf(StepSettings.Swift))
            urls.Add(id, await upstreams.StartAsync(id));
        return new StepWorld(await GatewayHost.StartAsync(StepSettings.Make(urls, NameOf(0)), services => Configure(services, clock)), upstreams, clock, urls);
    }

    /// <summary>The host dies, and another one starts over what it has left.</summary>
    public async Task CrashAsync() => _host = await _host.CrashAsync(NextSettings(), services => Configure(services, Clock));

    /// <summary>The host stops in order, and another one starts over its data.</summary>
    public async Task RestartAsync() => _host = await _host.RestartAsync(NextSettings(), services => Configure(services, Clock));

    /// <summary>Asks as a key.</summary>
    /// <returns>The answer.</returns>
    public async Task<JsonElement> AskAsync(string key, HttpMethod method, string path, object? body = null)
    {
        using var request = ConversationWorld.Request(key, method, path, body);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>The ledger of a scope.</summary>
    public Task<List<LedgerEntry>> LedgerAsync(string scope) => _host.Services.GetRequiredService<IActorDirectory>().CostTracker(scope).ReadLedgerAsync();

    /// <summary>The last number that a turn has.</summary>
    public async Task<long> LastSequenceAsync(NaiveTurn turn) =>
        (await _host.Services.GetRequiredService<IActorDirectory>().Session(turn.Session.Id).GetTurnAsync(new ApiKey { Id = turn.Session.Owner! }, turn.Id, CancellationToken.None)).LastSequence;

    /// <summary>The failures in a row that an upstream's breaker has heard of.</summary>
    public async Task<int> FailuresAsync(string upstream) =>
        (await _host.Services.GetRequiredService<IActorDirectory>().CircuitBreaker(upstream).DescribeAsync(CancellationToken.None)).Failures;

    /// <summary>All scopes with their limits and budgets.</summary>
    public async Task<List<JsonElement>> ScopesAsync() =>
        [.. (await AskAsync(ConversationSettings.Boss, HttpMethod.Get, "/api/limits")).GetProperty("scopes").EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Upstreams.DisposeAsync();
    }

    private static void Configure(IServiceCollection services, FakeClock clock) => services.AddSingleton<TimeProvider>(clock);

    private static string NameOf(int number) => $"host-{number}";

    private OrleansChatOptions NextSettings() => StepSettings.Make(_urls, NameOf(++_number));
}
