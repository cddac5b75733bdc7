using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Standalone.Tests.Chaos;

/// <summary>
/// What the shipped alerts say while answers take their time, by a clock of the test's: of what this product takes, and nothing of what upstreams take.
/// </summary>
public sealed class SlownessTests
{
    private const int Many = 20;

    private readonly FakeClock _clock = new();

    [PrometheusFact]
    public async Task Limits_ThatWaitForTheDisk_AreToldOf()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(With(upstream) with { ApiKeys = [Limited("early"), Limited("late")] });
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-early");
        await CompleteAsync(host);
        var first = await host.MetricsAsync();
        await CompleteAsync(host, Many);
        var timeline = new AlertTimeline(first).Pass(20, await host.MetricsAsync()).Expect();

        // What a key's first request takes of its limit is on the disk before it passes.
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-late");
        SlowDown(host);
        await CompleteAsync(host);

        // One of nine is slow, so that all take less than 200 ms on average.
        host.Files.Before = static _ => { };
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-early");
        await CompleteAsync(host, 8);
        var slow = await host.MetricsAsync();
        timeline.Pass(15, slow).Expect("SlowAdmission", "SlowOverhead");

        // A bucket ends where the alert begins: what is just below it is not taken for more.
        Assert.NotEmpty(slow.Find("orleanschat_admission_duration_seconds_bucket", ("le", "0.2")));

        await CompleteAsync(host, Many);
        await timeline.Pass(20, await host.MetricsAsync()).Expect().CheckAsync();
    }

    [PrometheusFact]
    public async Task Turns_ThatWaitForTheDisk_AreToldOf()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(With(upstream));
        var turns = $"/api/sessions/{(await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString()}/turns";
        await TakeAsync(host, turns);
        var first = await host.MetricsAsync();
        await TakeAsync(host, turns, Many);
        var quick = await host.MetricsAsync();
        Assert.Equal(0, quick.Sum("http_server_request_duration_seconds_sum"));
        var timeline = new AlertTimeline(first).Pass(20, quick).Expect();

        SlowDown(host);
        await TakeAsync(host, turns);
        timeline.Pass(15, await host.MetricsAsync()).Expect("SlowOverhead");

        host.Files.Before = static _ => { };
        await TakeAsync(host, turns, Many);
        await timeline.Pass(20, await host.MetricsAsync()).Expect().CheckAsync();
    }

    [PrometheusFact]
    public async Task Upstream_ThatTakesItsTime_IsNotToldOf()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(With(upstream));
        await CompleteAsync(host);
        var timeline = new AlertTimeline(await host.MetricsAsync());

        using var gate = new StreamGate();
        upstream.Fallback = _ => Reply.Pieces("Hello").GatedBy(gate);
        var waiting = Enumerable.Range(0, 10).Select(_ => CompleteAsync(host)).ToList();
        await TestWait.UntilAsync(() => upstream.Requests.Count == 1 + waiting.Count);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        gate.Open();
        await Task.WhenAll(waiting);

        await timeline.Pass(20, await host.MetricsAsync()).Expect().CheckAsync();
    }

    private Task<ChaosHost> StartAsync(OrleansChatOptions options) => ChaosHost.StartAsync(
        options, services => services.AddSingleton<TimeProvider>(_clock).AddSingleton<IStartupFilter>(new RequestClock(_clock)));

    private static OrleansChatOptions With(ScriptedUpstream upstream) => new()
    {
        Upstreams = [new UpstreamOptions { Id = "scripted", BaseUrl = upstream.BaseUrl }],
        Models = [new ModelOptions { Id = ModelOptions.DefaultId, Route = ["scripted/m"] }],
    };

    private static ApiKeyOptions Limited(string id) => new() { Id = id, Secret = $"sk-{id}", Limits = new LimitOptions { RequestsPerDay = 1_000 } };

    private static async Task CompleteAsync(ChaosHost host, int times = 1)
    {
        for (var i = 0; i < times; i++)
            await host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
    }

    private static async Task TakeAsync(ChaosHost host, string turns, int times = 1)
    {
        for (var i = 0; i < times; i++)
            Assert.Equal("completed", (await host.PostAsync(turns, new { message = "Hi" })).GetProperty("status").GetString());
    }

    // Longer than the alerts allow.
    private void SlowDown(ChaosHost host) => host.Files.Before = step =>
    {
        if (step == FileStep.Flush)
            _clock.Advance(TimeSpan.FromSeconds(0.4));
    };
}
