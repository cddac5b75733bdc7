using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Sessions;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.GatewayApi.Tests.Telemetry;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sessions;

/// <summary>Sessions with a time to live, over HTTP and a clock of the test's.</summary>
public sealed class SessionExpiryTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Session_WhenItsTimeIsOver_IsGoneFromEveryRouteAndCounted()
    {
        await using var host = await GatewayHost.StartAsync(services: UseClock);
        var id = await NewAsync(host, ttlMinutes: 60);
        var lasting = await NewAsync(host, ttlMinutes: null);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, id));

        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(host, id));
        using var turn = await host.Client.PostAsJsonAsync($"/api/sessions/{id}/turns", new { message = "Hello" });
        using var export = await host.Client.GetAsync($"/api/sessions/{id}/export?format=json");
        using var change = await host.Client.PatchAsJsonAsync($"/api/sessions/{id}", new { title = "New" });
        Assert.All([turn, export, change], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Equal("not_found", (await turn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        await TestWait.UntilAsync(async () => (await ListAsync(host)).SequenceEqual([lasting]));
        await CountedAsync(host);
    }

    [Fact]
    public async Task Session_WhoseTimeEndsWhileTheServerIsDown_IsGoneAfterTheStart()
    {
        var host = await GatewayHost.StartAsync(services: UseClock);
        var id = await NewAsync(host, ttlMinutes: 60);
        var lasting = await NewAsync(host, ttlMinutes: 600);
        _clock.Advance(TimeSpan.FromMinutes(30));
        host = await host.RestartAsync(services: UseClock);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, id));
        _clock.Advance(TimeSpan.FromMinutes(40));

        await using var later = await host.RestartAsync(services: UseClock);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(later, id));
        await TestWait.UntilAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return (await ListAsync(later)).SequenceEqual([lasting]);
        });
        await CountedAsync(later);
    }

    [Fact]
    public async Task Session_WithATurnUnderWay_OutlivesItsTimeAndCountsItFromTheEnd()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var gate = new StreamGate();
        upstream.Enqueue(new ChatReply { Chunks = ["Good ", "day"], Gate = gate });
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl), UseClock);
        var id = await NewAsync(host, ttlMinutes: 60);
        var asking = host.PostAsync($"/api/sessions/{id}/turns", new { message = "Hello" });
        gate.Release();
        await gate.WaitForSentAsync();

        // The time of day moves on; the upstream's own patience does not end.
        _clock.Jump(TimeSpan.FromHours(3));
        Assert.Equal(0, await host.Services.GetRequiredService<SessionSweep>().RunAsync(default));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, id));

        gate.Open();
        Assert.Equal("completed", (await asking).GetProperty("status").GetString());
        _clock.Jump(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, id));
        _clock.Jump(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(host, id));
    }

    private void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(_clock);

    private static async Task<string> NewAsync(GatewayHost host, int? ttlMinutes) =>
        (await host.PostAsync("/api/sessions", new { title = "T", ttlMinutes })).GetProperty("id").GetString()!;

    private static async Task<HttpStatusCode> StatusAsync(GatewayHost host, string id)
    {
        using var response = await host.Client.GetAsync($"/api/sessions/{id}");
        return response.StatusCode;
    }

    private static async Task<IReadOnlyList<string?>> ListAsync(GatewayHost host) =>
        [.. (await host.GetAsync("/api/sessions")).GetProperty("items").EnumerateArray().Select(line => line.GetProperty("id").GetString())];

    /// <summary>The health report is made anew from time to time.</summary>
    private Task CountedAsync(GatewayHost host) => TestWait.UntilAsync(async () =>
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        var sessions = (await host.GetAsync("/health")).GetProperty("components").GetProperty("sessions");
        return sessions.GetProperty("counts").GetProperty("expired").GetInt64() == 1 && (await MetricsRouteTests.ReadAsync(host)).Sum("orleanschat_sessions_expired_total") == 1;
    });
}
