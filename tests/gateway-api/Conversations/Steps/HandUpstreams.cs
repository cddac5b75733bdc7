using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>The upstreams of a run, whose calls do what they are told.</summary>
internal sealed class HandUpstreams : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<HandCall> _calls = [];
    private readonly List<ScriptedUpstream> _servers = [];

    /// <summary>Starts one.</summary>
    /// <returns>Its address.</returns>
    public async Task<string> StartAsync(string id)
    {
        var server = await ScriptedUpstream.StartAsync();
        server.ForgetsRequests = true;
        server.Fallback = request =>
        {
            var call = new HandCall(id, request.Headers["Authorization"]["Bearer ".Length..], Question.NumberIn(request.Text), request);
            lock (_gate)
                _calls.Add(call);
            return Reply.Custom((context, _) => call.PlayAsync(context));
        };
        _servers.Add(server);
        return server.BaseUrl;
    }

    /// <summary>The calls that a host has for a question now, by the names of their upstreams.</summary>
    public List<HandCall> LiveOf(string host, int question)
    {
        lock (_gate)
        {
            _calls.RemoveAll(call => call.IsOver);
            return [.. _calls.Where(call => call.Host == host && call.Question == question).OrderBy(call => call.Upstream, StringComparer.Ordinal)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
