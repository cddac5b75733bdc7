using System.Net;
using System.Net.Http.Headers;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Security;

/// <summary>
/// Secrets in files that something else writes: a vault's agent, or a mount whose link is swapped. That is the place where a vault is plugged in, so it is shown as
/// Kubernetes does it: files of a new version, and links that are exchanged for others in one step.
/// </summary>
public sealed class SecretRotationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-secrets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Rotation_IsNoticedByNewRequests_WhileAStreamUnderWayFinishesOnTheOldSecrets()
    {
        Publish("v1", caller: "caller-one", upstream: "upstream-one");
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var gate = new StreamGate();
        var options = GatewayHost.With(upstream.BaseUrl, Settings);
        options = options with { Upstreams = [options.Upstreams[0] with { ApiKey = $"file:{PathOf("upstream")}" }] };
        await using var host = await GatewayHost.StartAsync(options);
        upstream.Enqueue(Reply.Pieces("one ", "two ", "three") with { Gate = gate });
        gate.Release();
        using var stream = await SendAsync(host, "caller-one", stream: true);
        await gate.WaitForSentAsync();

        Publish("v2", caller: "caller-two", upstream: "upstream-two");
        await UntilAsync(host, upstream, "caller-two", HttpStatusCode.OK);
        await UntilAsync(host, upstream, "caller-one", HttpStatusCode.Unauthorized);

        // Each file is looked at again a second after it was read, and they were read one after the other.
        for (var began = TimeProvider.System.GetTimestamp(); upstream.Requests[^1].Headers["Authorization"] != "Bearer upstream-two";)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), upstream.Requests[^1].Headers["Authorization"]);
            await UntilAsync(host, upstream, "caller-two", HttpStatusCode.OK);
        }

        gate.Open();
        var answer = await stream.Content.ReadAsStringAsync();
        Assert.Equal("Bearer upstream-one", upstream.Requests[0].Headers["Authorization"]);
        Assert.Contains("three", answer, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatIsGoneForAMoment_LeavesTheLastSecretInForce()
    {
        Publish("v1", caller: "caller-one", upstream: "upstream-one");
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl, Settings);
        await using var host = await GatewayHost.StartAsync(options);
        await UntilAsync(host, upstream, "caller-one", HttpStatusCode.OK);
        File.Delete(PathOf("caller"));

        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2))
            await UntilAsync(host, upstream, "caller-one", HttpStatusCode.OK);
        Publish("v2", caller: "caller-two", upstream: "upstream-two");
        await UntilAsync(host, upstream, "caller-two", HttpStatusCode.OK);
    }

    // Asked with a key that is not valid yet, or not any more, until it is otherwise.
    private OrleansChatOptions Settings => new()
    {
        ApiKeys = [new ApiKeyOptions { Id = "app", Secret = $"file:{PathOf("caller")}" }],
        Gateway = new GatewayOptions { MaxAuthenticationFailuresPerMinute = 0 },
    };

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Publish(string version, string caller, string upstream)
    {
        var folder = _folder.CreateSubdirectory(version).FullName;
        foreach (var (name, value) in new[] { ("caller", caller), ("upstream", upstream) })
        {
            File.WriteAllText(Path.Combine(folder, name), $"{value}\n");
            File.CreateSymbolicLink(PathOf("next"), Path.Combine(folder, name));
            File.Move(PathOf("next"), PathOf(name), overwrite: true);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayHost host, string key, bool stream = false)
    {
        var flag = stream ? "true" : "false";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = GatewayHost.Json($$"""{"model":"default","stream":{{flag}},"messages":[{"role":"user","content":"Hi"}]}"""),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task UntilAsync(GatewayHost host, ScriptedUpstream upstream, string key, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            upstream.Enqueue(Reply.Text("Hi"));
            using var response = await SendAsync(host, key);
            if (response.StatusCode == status)
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"{response.StatusCode}");
        }
    }
}
