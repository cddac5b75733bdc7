using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class OverloadTests
{
    private static readonly string[] AlwaysAnswered =
    [
        "/live", "/ready", "/health", "/metrics", "/api/breakers", "/api/keys", "/api/incidents", "/api/limits", "/api/usage", "/api/flags", "/api/backup",
    ];

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
        var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
        Assert.Equal((1, 1), (page.Sum("orleanschat_requests_shed_total", ("reason", "in_flight")), page.Sum("orleanschat_requests_share")));
    }

    [Fact]
    public async Task Requests_WhileWorkBeginsLate_AreTurnedAwayWithAProblem()
    {
        var lag = TimeSpan.FromSeconds(2);
        await using var host = await GatewayHost.StartAsync(
            new OrleansChatOptions { Gateway = new GatewayOptions { MaxLag = TimeSpan.FromSeconds(1) } },
            services => services.AddSingleton(provider => new LoadGate(
                new GatewayOptions { MaxLag = TimeSpan.FromSeconds(1) },
                provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
                () => lag,
                TimeProvider.System,
                provider.GetRequiredService<Fallbacks>())));
        using (var refused = await host.Client.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" }))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(("upstream_unavailable", 1), (problem.GetProperty("code").GetString(), problem.GetProperty("retryAfterSeconds").GetDouble()));
        }

        // The answer is that of the last look, which may be of a moment before.
        await TestWait.UntilAsync(async () => (await StatusAsync(host)).Item1 == "degraded");

        lag = TimeSpan.Zero;
        using var taken = await host.Client.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task Requests_BeyondTheWorkThatCanBeDone_AreRefusedAtOnceAndNamedUntilItIsOver()
    {
        const int line = 3;
        using var working = new SemaphoreSlim(0);

        // Time stands still, so that nobody's patience ends on a busy machine.
        var clock = new FakeClock();
        await using var host = await GatewayHost.StartAsync(
            services: services => services.AddSingleton(provider => new LoadGate(
                new GatewayOptions { MaxWaiting = line, MaxLag = TimeSpan.Zero },
                provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
                () => TimeSpan.Zero,
                clock,
                provider.GetRequiredService<Fallbacks>())),
            routes: application => application.MapGet("/slow", () => working.WaitAsync()));
        var gate = host.Services.GetRequiredService<LoadGate>();
        var limit = (int)(await host.GetAsync("/health")).GetProperty("components").GetProperty("gateway").GetProperty("counts").GetProperty("working_limit").GetInt64();
        var running = Enumerable.Range(0, limit + line).Select(_ => host.Client.GetAsync("/slow")).ToList();
        await TestWait.UntilAsync(() => gate.Waiting == line);

        using (var refused = await AskAsync(host))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
            Assert.NotEmpty(refused.Headers.GetValues("X-Correlation-ID").Single());
            Assert.Equal("service-to-shedding", refused.Headers.GetValues("x-orleanschat-fallback").Single());
            Assert.Equal("nosniff", refused.Headers.GetValues("X-Content-Type-Options").Single());
            var error = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
            Assert.Equal("upstream_unavailable", error.GetProperty("code").GetString());
        }

        foreach (var path in AlwaysAnswered)
        {
            using var answer = await host.Client.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        }

        await TestWait.UntilAsync(async () => await FallbackAsync(host) == 1);
        await TestWait.UntilAsync(async () => await StatusAsync(host) == ("degraded", "degraded"));
        working.Release(limit + line);
        foreach (var answer in await Task.WhenAll(running))
        {
            using (answer)
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using (var taken = await AskAsync(host))
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        clock.Advance(WorkPlaces.Calm + TimeSpan.FromSeconds(1));
        await TestWait.UntilAsync(async () => await FallbackAsync(host) == 0);
        await TestWait.UntilAsync(async () => await StatusAsync(host) == ("healthy", "healthy"));
        var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
        Assert.True(page.Sum("orleanschat_requests_shed_total", ("reason", "working")) >= 1);
        Assert.Equal(1, page.Sum("orleanschat_fallbacks_entered_total", ("fallback", "service-to-shedding")));
    }

    [Fact]
    public async Task Requests_ThatWaitForUpstreams_AreNoWork()
    {
        const int many = 200;
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions { Gateway = new GatewayOptions { MaxWaiting = 0 } }));
        var load = host.Services.GetRequiredService<LoadGate>();
        using var gate = new StreamGate();
        var running = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < many; i++)
        {
            upstream.Enqueue(Reply.Pieces("a").GatedBy(gate));
            running.Add(AskAsync(host));
            var asked = i + 1;
            await TestWait.UntilAsync(() => (load.InFlight, load.Working) == (asked, 0));
        }

        // Far more than are worked on at a time, and the next one is not refused.
        using (var other = await host.Client.GetAsync("/v1/models"))
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        gate.Open();
        foreach (var answer in await Task.WhenAll(running))
        {
            using (answer)
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await TestWait.UntilAsync(() => (load.InFlight, load.Working) == (0, 0));
    }

    [Fact]
    public async Task Turns_ThatRun_AreNoWorkOfTheirRequests()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));
        var load = host.Services.GetRequiredService<LoadGate>();
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Pieces("a").GatedBy(gate));
        var session = await host.PostAsync("/api/sessions", new { });
        var turn = host.PostAsync($"/api/sessions/{session.GetProperty("id").GetString()}/turns", new { message = "Hi" });
        await TestWait.UntilAsync(() => upstream.Requests.Count == 1 && (load.InFlight, load.Working) == (1, 0));
        gate.Open();
        Assert.Equal("completed", (await turn).GetProperty("status").GetString());
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

    private static async Task<double> FallbackAsync(GatewayHost host) =>
        MetricPage.Parse(await host.Client.GetStringAsync("/metrics")).Sum("orleanschat_fallbacks_active", ("fallback", "service-to-shedding"));

    private static async Task<(string?, string?)> StatusAsync(GatewayHost host)
    {
        var components = (await host.GetAsync("/health")).GetProperty("components");
        return (components.GetProperty("gateway").GetProperty("status").GetString(), components.GetProperty("fallbacks").GetProperty("status").GetString());
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
