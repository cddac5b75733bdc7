using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Health;

/// <summary>Answers name the fallbacks that they are owed to, on every surface, and stop when the better way works again.</summary>
public sealed class FallbackAnswerTests : IAsyncLifetime
{
    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Fact]
    public async Task Route_WhoseFirstUpstreamFails_IsNamedUntilItAnswers()
    {
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(_upstream.BaseUrl, new OrleansChatOptions { Breakers = new BreakerOptions { ConsecutiveFailures = 100 } }));
        Assert.Equal("", await CallAsync(host));
        Assert.Equal("", await TurnAsync(host));

        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await CallAsync(host));
        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await TurnAsync(host));
        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await SocketTurnAsync(host));
        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await CallAsync(host, "/v1/messages", """{"model":"default","max_tokens":20,"messages":[{"role":"user","content":"Hi"}]}"""));
        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await CallAsync(host, "/v1/responses", """{"model":"default","input":"Hi"}"""));
        _upstream.Enqueue(Reply.Drop());
        Assert.Equal("route-of-default", await CallAsync(host, body: """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}"""));

        Assert.Equal("", await CallAsync(host));
        Assert.Equal("", await TurnAsync(host));
        Assert.Equal("", await SocketTurnAsync(host));
    }

    [Fact]
    public async Task Turn_ThatBeganAgainOnAnotherUpstream_NamesItsRoute()
    {
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(_upstream.BaseUrl));
        _upstream.Enqueue(Reply.Pieces("Half", " an").CutAfter(1));

        Assert.Equal("route-of-default", await TurnAsync(host));
        var fallbacks = (await host.GetAsync("/health")).GetProperty("components").GetProperty("fallbacks");
        await TestWait.UntilAsync(async () =>
            (fallbacks = (await host.GetAsync("/health")).GetProperty("components").GetProperty("fallbacks")).GetProperty("status").GetString() == "degraded");
        Assert.Contains("route-of-default", fallbacks.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbeddingModel_ThatFails_IsNamedInSearchesAndTurnsUntilItWorks()
    {
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(_upstream.BaseUrl, new OrleansChatOptions
        {
            Embeddings = new EmbeddingsOptions { Model = "scripted/embedder" },
            Breakers = new BreakerOptions { ConsecutiveFailures = 100 },
        }));
        using (var made = await host.Client.PutAsync("/api/collections/docs", GatewayHost.Json("{}")))
            Assert.True(made.IsSuccessStatusCode);
        await host.PostAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "void Leap() jumps over the quick fox", path = "a.cs" } } });
        Assert.Equal(("", "", ""), await SearchesAsync(host));
        Assert.Equal("", await TurnAsync(host));

        var answers = _upstream.Fallback;
        _upstream.Fallback = request => request.Path.Contains("embeddings", StringComparison.Ordinal) ? Reply.Drop() : answers(request);
        const string named = "dense-search-to-lexical";
        Assert.Equal((named, named, named), await SearchesAsync(host));
        Assert.Equal(named, await TurnAsync(host));

        _upstream.Fallback = answers;
        Assert.Equal(("", "", ""), await SearchesAsync(host));
        Assert.Equal("", await TurnAsync(host));
    }

    private static string Named(JsonElement answer) =>
        answer.TryGetProperty("fallbacks", out var names) ? string.Join(',', names.EnumerateArray().Select(name => name.GetString())) : "";

    private static string Named(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-orleanschat-fallback", out var names) ? string.Join(',', names) : "";

    private static async Task<string> CallAsync(
        GatewayHost host, string path = "/v1/chat/completions", string body = """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""")
    {
        using var answer = await host.Client.PostAsync(path, GatewayHost.Json(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return Named(answer);
    }

    /// <summary>What a turn's answer names in its body, its header, its record and its last event, which have to agree.</summary>
    private static async Task<string> TurnAsync(GatewayHost host)
    {
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        var turns = $"/api/sessions/{session}/turns";
        using var answer = await host.Client.PostAsync(turns, GatewayHost.Json($$"""{"message":"What jumps over {{Guid.NewGuid()}}?"}"""));
        var turn = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        var named = Named(turn);
        Assert.Equal(named, Named(answer));
        Assert.Equal(named, Named(await host.GetAsync($"{turns}/{turn.GetProperty("turnId").GetString()}")));
        var events = await host.Client.GetStringAsync($"{turns}/{turn.GetProperty("turnId").GetString()}/events");
        var last = events.Split("data: ")[^1].Trim();
        Assert.Equal(named, Named(JsonElement.Parse(last)));
        return named;
    }

    private static async Task<string> SocketTurnAsync(GatewayHost host)
    {
        using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        return Named((await socket.ReceiveTurnAsync())[^1]);
    }

    private static async Task<(string Search, string Code, string Socket)> SearchesAsync(GatewayHost host)
    {
        var search = await host.PostAsync("/api/search", new { query = $"quick fox {Guid.NewGuid()}", collection = "docs" });
        var code = await host.PostAsync("/api/find-code", new { query = $"leap {Guid.NewGuid()}", collection = "docs" });
        Assert.Equal(Named(search).Length > 0, search.GetProperty("degraded").GetBoolean());
        using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(new { type = "search", data = new { query = $"fox {Guid.NewGuid()}" } });
        return (Named(search), Named(code), Named((await socket.ReceiveAsync()).GetProperty("data")));
    }
}
