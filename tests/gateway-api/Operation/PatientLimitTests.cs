using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Operation;

public sealed class PatientLimitTests
{
    private const string Chat = """{"model":"default","stream":true,"messages":[{"role":"user","content":"hello"}]}""";

    [Fact]
    public async Task Request_AboveALimitThatMayBeWaitedFor_SucceedsLater_AndAboveAnotherIsRefused()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
        {
            ApiKeys =
            [
                new ApiKeyOptions { Id = "patient", Secret = "sk-p", Limits = new LimitOptions { MaxConcurrent = 1, MaxWait = TimeSpan.FromMinutes(1) } },
                new ApiKeyOptions { Id = "hasty", Secret = "sk-h", Limits = new LimitOptions { MaxConcurrent = 1 } },
            ],
        }));
        using var gate = new StreamGate();
        using var others = new StreamGate();
        gate.Release();
        others.Release();
        upstream.Enqueue(Reply.Text("one").GatedBy(gate));
        upstream.Enqueue(Reply.Text("two").GatedBy(others));
        upstream.Enqueue(Reply.Text("three"));
        using var first = await SendAsync(host, "sk-p");
        using var other = await SendAsync(host, "sk-h");
        using var refused = await SendAsync(host, "sk-h");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);

        var waiting = SendAsync(host, "sk-p");
        await InLineAsync(host);
        Assert.False(waiting.IsCompleted);
        gate.Open();
        await first.Content.ReadAsStringAsync();

        using var later = await waiting;
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
        Assert.Contains("three", await later.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatWaitsForItsLimit_TakesNoPlaceFromOthers_AndIsNotCountedAsSlow()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(
            GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
            {
                ApiKeys = [new ApiKeyOptions { Id = "patient", Secret = "sk-p", Limits = new LimitOptions { MaxConcurrent = 1, MaxWait = TimeSpan.FromMinutes(1) } }],
            }),
            services: services => services.AddSingleton<TimeProvider>(clock));
        using var gate = new StreamGate();
        gate.Release();
        upstream.Enqueue(Reply.Text("one").GatedBy(gate));
        upstream.Enqueue(Reply.Text("two"));
        using var first = await SendAsync(host, "sk-p");
        var waiting = SendAsync(host, "sk-p");
        await InLineAsync(host);
        await TestWait.UntilAsync(() => host.Services.GetRequiredService<LoadGate>().Working == 0);

        clock.Advance(TimeSpan.FromSeconds(20));
        gate.Open();
        await first.Content.ReadAsStringAsync();
        using var later = await waiting;
        await later.Content.ReadAsStringAsync();

        await TestWait.UntilAsync(async () => (await MetricsAsync(host)).Sum("orleanschat_request_overhead_seconds_count", ("kind", "stream")) == 2);
        var metrics = await MetricsAsync(host);
        Assert.Equal(0, metrics.Sum("orleanschat_request_overhead_seconds_sum", ("kind", "stream")));
        Assert.Equal(2, metrics.Sum("orleanschat_admission_duration_seconds_count", ("outcome", "admitted")));
        Assert.Equal(0, metrics.Sum("orleanschat_admission_duration_seconds_sum", ("outcome", "admitted")));
    }

    private static Task<HttpResponseMessage> SendAsync(GatewayHost host, string secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = GatewayHost.Json(Chat) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<MetricPage> MetricsAsync(GatewayHost host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-p");
        using var page = await host.Client.SendAsync(request);
        return MetricPage.Parse(await page.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until somebody stands in line: then even a request without limits is refused.</summary>
    private static async Task InLineAsync(GatewayHost host)
    {
        var limiter = host.Services.GetRequiredService<IActorDirectory>().RateLimiter("key:patient");
        var anything = new RateLimitRequest { OperationId = "probe", Limits = new RateLimits { MaxConcurrent = 1_000 } };
        await TestWait.UntilAsync(async () => !(await limiter.PeekAsync(anything, default)).Admitted);
    }
}
