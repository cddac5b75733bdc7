using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class OverloadTests
{
    private static readonly string[] AlwaysAnswered = ["/live", "/ready", "/health", "/metrics", "/api/breakers", "/api/incidents", "/api/limits"];

    [Fact]
    public async Task Requests_BeyondThePlaces_AreTurnedAwayAtOnceAndLaterTaken()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions { Gateway = new GatewayOptions { MaxInFlight = 2 } }));
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Pieces("a").GatedBy(gate));
        upstream.Enqueue(Reply.Pieces("b").GatedBy(gate));
        var running = new[] { AskAsync(host), AskAsync(host) };
        await TestWait.UntilAsync(() => host.Services.GetRequiredService<LoadGate>().InFlight == 2);

        using (var refused = await AskAsync(host))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        }

        foreach (var path in AlwaysAnswered)
        {
            using var answer = await host.Client.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        }

        gate.Open();
        foreach (var one in running)
            (await one).Dispose();
        await TestWait.UntilAsync(() => host.Services.GetRequiredService<LoadGate>().InFlight == 0);
        using var taken = await AskAsync(host);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(1, MetricPage.Parse(await host.Client.GetStringAsync("/metrics")).Sum("orleanschat_requests_shed_total", ("reason", "in_flight")));
    }

    [Fact]
    public async Task Requests_WhileWorkBeginsLate_AreTurnedAwayWithAProblem()
    {
        var lag = TimeSpan.FromSeconds(2);
        await using var host = await GatewayHost.StartAsync(
            new OrleansChatOptions { Gateway = new GatewayOptions { MaxLag = TimeSpan.FromSeconds(1) } },
            services => services.AddSingleton(provider => new LoadGate(
                new GatewayOptions { MaxLag = TimeSpan.FromSeconds(1) }, provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), () => lag)));
        using (var refused = await host.Client.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" }))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(("upstream_unavailable", 1), (problem.GetProperty("code").GetString(), problem.GetProperty("retryAfterSeconds").GetDouble()));
        }

        var health = await host.GetAsync("/health");
        Assert.Equal("degraded", health.GetProperty("components").GetProperty("gateway").GetProperty("status").GetString());

        lag = TimeSpan.Zero;
        using var taken = await host.Client.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public void Lag_OfATimerThatDoesNotCome_GrowsWithTheTimeAndFallsAfterIt()
    {
        var clock = new StuckClock();
        using var meter = new LagMeter(clock);
        Assert.Equal(TimeSpan.Zero, meter.Lag);

        clock.Now = TimeSpan.FromMilliseconds(200);
        Assert.True(meter.Lag < TimeSpan.FromMilliseconds(100), "A pause of 200 ms is no overload.");
        clock.Now = TimeSpan.FromSeconds(3);
        Assert.InRange(meter.Lag, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));

        for (var tick = 0; tick < 60; tick++)
        {
            clock.Now += TimeSpan.FromMilliseconds(50);
            clock.Tick();
        }

        Assert.True(meter.Lag < TimeSpan.FromMilliseconds(10));
    }

    private static Task<HttpResponseMessage> AskAsync(GatewayHost host) =>
        host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));

    /// <summary>A clock whose timers fire when a test says so, however late that is.</summary>
    private sealed class StuckClock : TimeProvider
    {
        private Action _tick = () => { };

        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public void Tick() => _tick();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return new Timer(_ => { }, null, Timeout.Infinite, Timeout.Infinite);
        }
    }
}
