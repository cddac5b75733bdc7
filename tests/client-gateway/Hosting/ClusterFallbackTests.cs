using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>Fallbacks of a cluster: turns use them in silos, stateless calls in gateways, and both are named to callers and operators.</summary>
public sealed class ClusterFallbackTests
{
    [Fact]
    public async Task Route_WhoseFirstUpstreamFails_IsNamedInAnswersHealthAndMetricsUntilItAnswers()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var cluster = new LocalCluster(
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}", "--OrleansChat:Upstreams:0:MaxRetries=0",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model", "--OrleansChat:Models:0:Route:1=builtin/extractive");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);

        upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await CallAsync(cluster));
        upstream.Enqueue(Reply.Drop());
        Assert.Equal(("route-of-default", "route-of-default"), await TurnAsync(cluster));
        foreach (var http in new[] { cluster.Http, cluster.SiloHttp })
            await UntilAsync(http, "degraded", 1);

        Assert.Equal("", await CallAsync(cluster));
        Assert.Equal(("", ""), await TurnAsync(cluster));
        foreach (var http in new[] { cluster.Http, cluster.SiloHttp })
            await UntilAsync(http, "healthy", 0);
    }

    private static async Task<string> CallAsync(LocalCluster cluster)
    {
        using var answer = await cluster.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return HeaderOf(answer);
    }

    private static async Task<(string Header, string Body)> TurnAsync(LocalCluster cluster)
    {
        using var answer = await cluster.Http.PostAsJsonAsync("/chat", new { api_version = "v2", message = "Hi", session_id = $"s{Guid.NewGuid():N}" });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, body.GetRawText());
        return (HeaderOf(answer), body.TryGetProperty("fallbacks", out var names) ? string.Join(',', names.EnumerateArray().Select(name => name.GetString())) : "");
    }

    private static string HeaderOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-orleanschat-fallback", out var names) ? string.Join(',', names) : "";

    // The answer is that of the last look, which is at most some seconds old.
    private static Task UntilAsync(HttpClient http, string status, double active) => TestWait.UntilAsync(async () =>
    {
        var health = await http.GetFromJsonAsync<JsonElement>("/health");
        var component = health.GetProperty("components").GetProperty("fallbacks");
        var isNamed = component.TryGetProperty("detail", out var detail) && detail.GetString()!.Contains("route-of-default", StringComparison.Ordinal);
        return (component.GetProperty("status").GetString(), isNamed ? 1 : 0) == (status, active);
    });
}
