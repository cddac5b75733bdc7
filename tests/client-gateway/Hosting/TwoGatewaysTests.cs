using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>What is told to one gateway of a cluster holds at another.</summary>
public sealed class TwoGatewaysTests : IAsyncLifetime
{
    private const string Boss = "sk-boss-secret";

    private ScriptedUpstream _upstream = null!;
    private LocalCluster _cluster = null!;
    private HttpClient _other = null!;

    private HttpClient One => _cluster.Http;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _upstream.Fallback = static _ => Reply.Text("Hello there").WithUsage(9, 3);
        _cluster = new LocalCluster(
            "--OrleansChat:ApiKeys:0:Id=boss", $"--OrleansChat:ApiKeys:0:Secret={Boss}", "--OrleansChat:ApiKeys:0:Admin=true",
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={_upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model",
            "--OrleansChat:Models:0:InputUsdPerMillion=1000", "--OrleansChat:Models:0:OutputUsdPerMillion=1000");
        _cluster.StartSilo();
        _cluster.StartGateway();
        _other = _cluster.StartAnotherGateway();
        await _cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        await LocalCluster.WaitForAsync(_other, "/ready", HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        _other.Dispose();
        await _cluster.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task RepeatedRequest_AtTheOtherGateway_GetsTheFirstAnswer_AndIsBilledOnce()
    {
        using var first = await CallAsync(One, Boss, "once");
        using var repeat = await CallAsync(_other, Boss, "once");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, repeat.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await repeat.Content.ReadAsStringAsync());
        Assert.Single(_upstream.Requests);
        foreach (var gateway in (HttpClient[])[One, _other])
        {
            var usage = JsonElement.Parse(await TextAsync(gateway, "/api/usage?groupBy=key"));
            Assert.Equal(0.012m, usage.GetProperty("total").GetProperty("costUsd").GetDecimal());
        }

        Assert.Equal(await TextAsync(One, "/api/usage?groupBy=model&format=csv"), await TextAsync(_other, "/api/usage?groupBy=model&format=csv"));
    }

    [Fact]
    public async Task KeyMadeAtOneGateway_OpensTheOther_SharesItsLimit_AndIsRevokedEverywhere()
    {
        using var created = await SendAsync(One, HttpMethod.Post, "/api/keys", Boss, new { id = "app", limits = new { requestsPerMinute = 3 } });
        var secret = JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;

        var statuses = new List<HttpStatusCode>();
        foreach (var gateway in (HttpClient[])[_other, One, _other, One, _other])
        {
            using var answer = await CallAsync(gateway, secret);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);

        using var revoked = await SendAsync(_other, HttpMethod.Delete, "/api/keys/app", Boss);
        Assert.True(revoked.IsSuccessStatusCode);
        await UntilAsync(One, secret, HttpStatusCode.Unauthorized);
        await UntilAsync(_other, secret, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task BreakerTrippedAtOneGateway_KeepsCallsOfTheOtherAway_UntilItIsReset()
    {
        using var warm = await CallAsync(_other, Boss);
        Assert.Equal(HttpStatusCode.OK, warm.StatusCode);
        using var tripped = await SendAsync(One, HttpMethod.Post, "/api/breakers/scripted/trip", Boss, new { });
        Assert.True(tripped.IsSuccessStatusCode);

        await UntilAsync(_other, Boss, HttpStatusCode.ServiceUnavailable);
        var asked = _upstream.Requests.Count;
        using var refused = await CallAsync(_other, Boss);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, asked), (refused.StatusCode, _upstream.Requests.Count));
        var shown = JsonElement.Parse(await TextAsync(_other, "/api/breakers")).GetProperty("items")[0];
        Assert.Equal(("open", "boss"), (shown.GetProperty("state").GetString(), shown.GetProperty("history")[0].GetProperty("by").GetString()));

        using var reset = await SendAsync(_other, HttpMethod.Post, "/api/breakers/scripted/reset", Boss, new { });
        Assert.True(reset.IsSuccessStatusCode);
        await UntilAsync(One, Boss, HttpStatusCode.OK);
        await UntilAsync(_other, Boss, HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient gateway, HttpMethod method, string path, string key, object? body = null, string? repeatable = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("x-api-key", key);
        if (repeatable is not null)
            request.Headers.Add("Idempotency-Key", repeatable);
        return await gateway.SendAsync(request);
    }

    private static Task<HttpResponseMessage> CallAsync(HttpClient gateway, string key, string? repeatable = null) =>
        SendAsync(gateway, HttpMethod.Post, "/v1/chat/completions", key, new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } }, repeatable);

    private static async Task<string> TextAsync(HttpClient gateway, string path)
    {
        using var answer = await SendAsync(gateway, HttpMethod.Get, path, Boss);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    // What one gateway was told comes to the other a moment later.
    private static async Task UntilAsync(HttpClient gateway, string key, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await CallAsync(gateway, key);
            if (answer.StatusCode == status)
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"{answer.StatusCode}");
        }
    }
}
