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
        await using var host = await StartAsync(upstream);
        using var gate = new StreamGate();
        var waiting = await FillAsync(host, upstream, gate);

        using (var refused = await AskAsync(host))
        {
            await AssertRefusedAsync(refused, "error");
        }

        await EndAsync(waiting, gate);
        Assert.Equal(2 * Places, upstream.Requests.Count);
        var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
        Assert.Equal(1, page.Sum("orleanschat_upstream_refusals_total", ("upstream", "scripted")));
        Assert.Equal(0, page.Sum("orleanschat_failures_total"));

        // It was refused before limits and budgets were asked.
        Assert.Equal(2 * Places, page.Sum("orleanschat_admission_duration_seconds_count"));
    }

    [Fact]
    public async Task Turn_BeyondAnUpstreamsPlaces_IsRefusedAtOnceAndLeavesItsSessionAsItWas()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await StartAsync(upstream);
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        using var gate = new StreamGate();
        var waiting = await FillAsync(host, upstream, gate);

        using (var refused = await host.Client.PostAsync($"/api/sessions/{session}/turns", GatewayHost.Json("""{"message":"Hi"}""")))
        {
            await AssertRefusedAsync(refused, null);
        }

        await EndAsync(waiting, gate);
        var view = await host.Client.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}");
        Assert.Empty(view.GetProperty("messages").EnumerateArray());
        var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
        Assert.Equal(2 * Places, page.Sum("orleanschat_admission_duration_seconds_count"));
        Assert.Equal(0, page.Sum("orleanschat_failures_total"));
    }

    private static Task<GatewayHost> StartAsync(ScriptedUpstream upstream)
    {
        var options = GatewayHost.With(upstream.BaseUrl);

        // So much slower than alone is nothing here, however busy the machine.
        return GatewayHost.StartAsync(options with { Upstreams = [options.Upstreams[0] with { MaxSlowdown = 100 }] });
    }

    /// <summary>Has the places found by calls alone, and takes all of them.</summary>
    private static async Task<List<Task<HttpResponseMessage>>> FillAsync(GatewayHost host, ScriptedUpstream upstream, StreamGate gate)
    {
        for (var call = 0; call < Places; call++)
        {
            upstream.Enqueue(Reply.Pieces("alone"));
            using var alone = await AskAsync(host);
            Assert.Equal(HttpStatusCode.OK, alone.StatusCode);
        }

        var waiting = new List<Task<HttpResponseMessage>>();
        for (var call = 0; call < Places; call++)
        {
            upstream.Enqueue(Reply.Pieces("waited").GatedBy(gate));
            waiting.Add(AskAsync(host));
        }

        await TestWait.UntilAsync(() => upstream.Requests.Count == 2 * Places);
        return waiting;
    }

    private static async Task EndAsync(List<Task<HttpResponseMessage>> waiting, StreamGate gate)
    {
        gate.Open();
        foreach (var answer in await Task.WhenAll(waiting))
        {
            using (answer)
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    /// <param name="response">The response.</param>
    /// <param name="field">Where the body has the problem; null for the body itself.</param>
    private static async Task AssertRefusedAsync(HttpResponseMessage response, string? field)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("service-to-shedding", response.Headers.GetValues("x-orleanschat-fallback").Single());
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("upstream_unavailable", (field is null ? body : body.GetProperty(field)).GetProperty("code").GetString());
    }

    private static Task<HttpResponseMessage> AskAsync(GatewayHost host) =>
        host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
}
