using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

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
        upstream.Enqueue(Reply.Text("one").GatedBy(gate));
        upstream.Enqueue(Reply.Text("two").GatedBy(gate));
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

    private static Task<HttpResponseMessage> SendAsync(GatewayHost host, string secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = GatewayHost.Json(Chat) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Waits until somebody stands in line: then even a request without limits is refused.</summary>
    private static async Task InLineAsync(GatewayHost host)
    {
        var limiter = host.Services.GetRequiredService<IActorDirectory>().RateLimiter("key:patient");
        var anything = new RateLimitRequest { OperationId = "probe", Limits = new RateLimits { MaxConcurrent = 1_000 } };
        await TestWait.UntilAsync(async () => !(await limiter.PeekAsync(anything, default)).Admitted);
    }
}
