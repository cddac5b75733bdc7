using System.Text;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Anthropic;

/// <summary>A gateway and a scripted upstream of one kind.</summary>
internal sealed class MessagesHost : IAsyncDisposable
{
    private MessagesHost(ScriptedUpstream upstream, GatewayHost gateway)
    {
        Upstream = upstream;
        Gateway = gateway;
    }

    public ScriptedUpstream Upstream { get; }

    public GatewayHost Gateway { get; }

    public static async Task<MessagesHost> StartAsync(UpstreamKind kind, OrleansChatOptions? more = null, params string[] fallbacks)
    {
        var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl, more);
        return new MessagesHost(upstream, await GatewayHost.StartAsync(options with
        {
            Upstreams = [options.Upstreams[0] with { Kind = kind, ApiKey = "sk-upstream" }],
            Models = [options.Models[0] with { Route = [.. options.Models[0].Route, .. fallbacks] }],
        }));
    }

    /// <summary>Sends a body to the letter.</summary>
    public async Task<HttpResponseMessage> SendAsync(string body, string path = "/v1/messages", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Sends a body and reads the answer's text, whatever its status.</summary>
    public async Task<string> AskAsync(string body, string path = "/v1/messages")
    {
        using var response = await SendAsync(body, path);
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
