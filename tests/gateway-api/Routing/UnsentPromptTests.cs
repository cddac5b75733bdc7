using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Routing;

/// <summary>Calls that are given up before their upstream had a word of them: it charges nothing, so nobody is charged for it.</summary>
public sealed class UnsentPromptTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SilentDoor _silent = new();
    private ScriptedUpstream _second = null!;
    private GatewayHost _host = null!;
    private Task<TcpClient> _connected = null!;

    public async Task InitializeAsync()
    {
        _second = await ScriptedUpstream.StartAsync();
        _host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 100, Window = BudgetWindow.Total } },
            Upstreams =
            [
                new UpstreamOptions
                {
                    Id = "silent", BaseUrl = _silent.BaseUrl, MaxRetries = 0, ConnectTimeout = TimeSpan.FromMinutes(10), Limits = new LimitOptions { MaxConcurrent = 1 },
                },
                new UpstreamOptions { Id = "second", BaseUrl = _second.BaseUrl, MaxRetries = 0 },
            ],
            Models =
            [
                new ModelOptions { Id = "default", Route = ["silent/m"], InputUsdPerMillion = 1, OutputUsdPerMillion = 2 },
                new ModelOptions { Id = "hedged", Route = ["silent/m", "second/m"], HedgeAfter = TimeSpan.FromMilliseconds(50), InputUsdPerMillion = 1, OutputUsdPerMillion = 2 },
            ],
        });
        _connected = _silent.NextAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _second.DisposeAsync();
        _silent.Dispose();
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hello"}]}""")]
    [InlineData("/v1/chat/completions", """{"model":"default","messages":[{"role":"user","content":"Hello"}]}""")]
    [InlineData("/v1/messages", """{"model":"default","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}""")]
    [InlineData("/v1/responses", """{"model":"default","input":"Hello"}""")]
    [InlineData("/v1/embeddings", """{"model":"default","input":"Hello"}""")]
    public async Task Client_WhoLeavesWhileTheUpstreamIsConnected_IsNotBilled(string path, string body)
    {
        using var client = new CancellationTokenSource();
        var call = _host.Client.PostAsync(path, GatewayHost.Json(body), client.Token);
        using var connection = await _connected.WaitAsync(Patience);
        Assert.True(await ReservedAsync() > 0);

        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await AssertSpentAsync(0);
    }

    [Fact]
    public async Task Turn_StoppedWhileTheUpstreamIsConnected_IsNotBilled()
    {
        var session = (await _host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(new { message = "Hello" }) };
        using var response = await EventReader.OpenAsync(_host.Client, request);
        await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        using var connection = await _connected.WaitAsync(Patience);
        Assert.True(await ReservedAsync() > 0);

        await _host.PostAsync($"/api/sessions/{session}/turns/{events.Current.Json.GetProperty("turnId").GetString()}/cancel", new { });

        await AssertSpentAsync(0);
    }

    [Fact]
    public async Task HedgedCall_WhoseFirstUpstreamWasNeverReached_CostsTheSecondAlone()
    {
        _second.Enqueue(Reply.Pieces("second", " answer").WithUsage(7, 2));
        using var response = await _host.Client.PostAsync(
            "/v1/chat/completions", GatewayHost.Json("""{"model":"hedged","stream":true,"messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Contains("second", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await AssertSpentAsync(0.000_011m);
    }

    [Fact]
    public async Task HedgedTurn_WhoseFirstUpstreamWasNeverReached_CostsTheSecondAlone()
    {
        _second.Enqueue(Reply.Pieces("second", " answer").WithUsage(7, 2));
        var session = (await _host.PostAsync("/api/sessions", new { model = "hedged" })).GetProperty("id").GetString();

        var turn = await _host.PostAsync($"/api/sessions/{session}/turns", new { message = "Hello" });

        Assert.Equal("second", turn.GetProperty("upstream").GetString());
        await AssertSpentAsync(0.000_011m);
    }

    private async Task AssertSpentAsync(decimal usd)
    {
        // Nobody tells when the call of a client who is gone has been settled, so it is asked for.
        await TestWait.UntilAsync(async () => await ReservedAsync() == 0 && await OpenAtTheSilentAsync() == 0);
        Assert.Equal(usd, (await ScopeAsync("org")).GetProperty("budget").GetProperty("spentUsd").GetDecimal());
        var billed = (await _host.GetAsync("/api/usage?groupBy=upstream")).GetProperty("items").EnumerateArray();
        Assert.Equal(usd == 0 ? [] : ["second"], billed.Select(line => line.GetProperty("group").GetString()));
    }

    private async Task<decimal> ReservedAsync() => (await ScopeAsync("org")).GetProperty("budget").GetProperty("reservedUsd").GetDecimal();

    private async Task<long> OpenAtTheSilentAsync() => (await ScopeAsync("upstream:silent")).GetProperty("limits").GetProperty("concurrent").GetProperty("inUse").GetInt64();

    private async Task<JsonElement> ScopeAsync(string name) =>
        (await _host.GetAsync("/api/limits")).GetProperty("scopes").EnumerateArray().Single(scope => scope.GetProperty("scope").GetString() == name);
}
