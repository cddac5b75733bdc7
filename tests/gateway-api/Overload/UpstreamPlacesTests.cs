using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Overload;

/// <summary>What callers see where an upstream has more to do than it answers in time.</summary>
public sealed class UpstreamPlacesTests
{
    /// <summary>So many calls alone tell how long one takes, and so many may wait after that.</summary>
    private const int Places = 16;

    [Fact]
    public async Task Requests_BeyondAnUpstreamsPlaces_AreRefusedAtOnceAndAreNoFailures()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl);

        // So much slower than alone is nothing here, however busy the machine.
        options = options with { Upstreams = [options.Upstreams[0] with { MaxSlowdown = 100 }] };
        await using var host = await GatewayHost.StartAsync(options);
        for (var call = 0; call < Places; call++)
        {
            upstream.Enqueue(Reply.Pieces("alone"));
            using var alone = await AskAsync(host);
            Assert.Equal(HttpStatusCode.OK, alone.StatusCode);
        }

        using var gate = new StreamGate();
        var waiting = new List<Task<HttpResponseMessage>>();
        for (var call = 0; call < Places; call++)
        {
            upstream.Enqueue(Reply.Pieces("waited").GatedBy(gate));
            waiting.Add(AskAsync(host));
        }

        await TestWait.UntilAsync(() => upstream.Requests.Count == 2 * Places);
        using (var refused = await AskAsync(host))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
            Assert.Equal("service-to-shedding", refused.Headers.GetValues("x-orleanschat-fallback").Single());
            var error = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
            Assert.Equal("upstream_unavailable", error.GetProperty("code").GetString());
        }

        gate.Open();
        foreach (var answer in await Task.WhenAll(waiting))
        {
            using (answer)
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(2 * Places, upstream.Requests.Count);
        var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
        Assert.Equal(1, page.Sum("orleanschat_upstream_refusals_total", ("upstream", "scripted")));
        Assert.Equal(0, page.Sum("orleanschat_failures_total"));

        // It was refused before limits and budgets were asked.
        Assert.Equal(2 * Places, page.Sum("orleanschat_admission_duration_seconds_count"));
    }

    private static Task<HttpResponseMessage> AskAsync(GatewayHost host) =>
        host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
}
