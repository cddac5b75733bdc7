using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OrleansChat.GatewayApi.OpenApi;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A request for every route: its path names a thing, its body is the example of the API's own description.</summary>
internal sealed class MatrixRequests(GatewayHost host, Callers callers)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private const string Ping = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";

    private int _documents;

    /// <summary>Sends a request.</summary>
    /// <param name="route">The route, with its method.</param>
    /// <param name="who">Who sends it.</param>
    /// <param name="thing">What it is for.</param>
    public async Task<Answer> SendAsync(string route, Who who, OwnedThing thing)
    {
        var (method, template) = (route[..route.IndexOf(' ', StringComparison.Ordinal)], route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        using var request = new HttpRequestMessage(new HttpMethod(method), await PathAsync(template, thing));
        if (BodyOf(route, thing) is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        AddHeaders(request, template, method, thing);
        if (callers.SecretOf(who) is { } secret)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);

        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isEndless = (int)response.StatusCode == 101 || (route == "GET /mcp" && response.IsSuccessStatusCode);
        return await Answer.ReadAsync(response, isEndless);
    }

    /// <summary>Makes the owner a thing, whole.</summary>
    /// <param name="isShared">Whether the owner's team may use it.</param>
    public async Task<OwnedThing> MakeAsync(bool isShared)
    {
        var thing = await AddSessionAsync(OwnedThing.Absent, isShared);
        thing = await AddTurnAsync(thing);
        thing = await AddResponseAsync(thing, isShared);
        return await AddMcpSessionAsync(thing);
    }

    /// <summary>Makes the owner what a route names, and nothing else.</summary>
    /// <param name="route">The route.</param>
    /// <param name="isShared">Whether the owner's team may use it.</param>
    public async Task<OwnedThing> MakeForAsync(string route, bool isShared)
    {
        if (route.Contains("/v1/responses", StringComparison.Ordinal))
            return await AddResponseAsync(OwnedThing.Absent, isShared);
        if (route.EndsWith("/mcp", StringComparison.Ordinal))
            return await AddMcpSessionAsync(OwnedThing.Absent);

        var thing = await AddSessionAsync(OwnedThing.Absent, isShared);
        return route.Contains("{turnId}", StringComparison.Ordinal) ? await AddTurnAsync(thing) : thing;
    }

    /// <summary>All that its owner sees of a thing.</summary>
    public async Task<string> LookAsync(OwnedThing thing)
    {
        var session = await SendAsync("GET /api/sessions/{id}/export", Who.Owner, thing);
        var response = await SendAsync("GET /v1/responses/{id}", Who.Owner, thing);
        return $"{session}{response}{await PingMcpAsync(Who.Owner, thing)}";
    }

    /// <summary>Asks for a sign of life in an MCP session.</summary>
    /// <param name="who">Who asks.</param>
    /// <param name="thing">Whose session.</param>
    public async Task<Answer> PingMcpAsync(Who who, OwnedThing thing)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = GatewayHost.Json(Ping) };
        AcceptBoth(request);
        request.Headers.Add("Mcp-Session-Id", thing.McpSession);
        if (callers.SecretOf(who) is { } secret)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var response = await host.Client.SendAsync(request);
        return await Answer.ReadAsync(response, isEndless: false);
    }

    private async Task<JsonElement> AskAsync(string path, object body, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", callers.SecretOf(Who.Owner));
        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private async Task<OwnedThing> AddSessionAsync(OwnedThing thing, bool isShared) =>
        thing with { Session = Text(await AskAsync("/api/sessions", new { title = OwnedThing.Marker, shared = isShared }), "id") };

    private async Task<OwnedThing> AddTurnAsync(OwnedThing thing) => thing with
    {
        Turn = Text(await AskAsync($"/api/sessions/{thing.Session}/turns", new { message = $"Where does the {OwnedThing.Marker} live?" }), "turnId"),
    };

    private async Task<OwnedThing> AddResponseAsync(OwnedThing thing, bool isShared)
    {
        var response = await AskAsync("/v1/responses", new { model = "default", input = $"Where does the {OwnedThing.Marker} sleep?" });
        thing = thing with { Response = Text(response, "id") };
        if (isShared)
            await AskAsync($"/api/sessions/{thing.ResponseSession}", new { shared = true }, HttpMethod.Patch);
        return thing;
    }

    private async Task<OwnedThing> AddMcpSessionAsync(OwnedThing thing)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = GatewayHost.Json(Initialize) };
        AcceptBoth(request);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", callers.SecretOf(Who.Owner));
        using var response = await host.Client.SendAsync(request);
        return thing with { McpSession = Assert.Single(response.Headers.GetValues("Mcp-Session-Id")) };
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private async Task<string> PathAsync(string template, OwnedThing thing)
    {
        var path = template
            .Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("{clientId}", "client", StringComparison.Ordinal)
            .Replace("{sessionId}", thing.Session, StringComparison.Ordinal)
            .Replace("{turnId}", thing.Turn, StringComparison.Ordinal)
            .Replace("{upstream}", "spare", StringComparison.Ordinal)
            .Replace("{scope}", "key:owner", StringComparison.Ordinal)
            .Replace("{name}", "docs", StringComparison.Ordinal)
            .Replace("{command}", "pause", StringComparison.Ordinal);
        return path.Contains("{id}", StringComparison.Ordinal) ? path.Replace("{id}", await IdAsync(template, thing), StringComparison.Ordinal) : path;
    }

    private async Task<string> IdAsync(string template, OwnedThing thing) => template.Split('/') switch
    {
        [_, "api", "sessions", ..] => thing.Session,
        [_, "v1", "responses", ..] => thing.Response,
        [_, "v1", "models", ..] => "default",
        [_, "api", "keys", ..] => await callers.MakeSpareKeyAsync(),
        [_, "api", "collections", _, "migrations", ..] => "none",
        [_, "api", "collections", _, "documents", ..] => await MakeDocumentAsync(),
        _ => throw new InvalidOperationException($"Say what '{{id}}' is in {template}."),
    };

    private async Task<string> MakeDocumentAsync()
    {
        var id = $"d{++_documents}";
        await AskAsync("/api/collections/docs/documents", new { documents = new[] { new { id, text = $"Document {id}." } } });
        return id;
    }

    private static string? BodyOf(string route, OwnedThing thing) => route switch
    {
        "POST /mcp" => Initialize,

        // The example names a session of its own, which its first caller would own.
        "POST /chat" => ApiExamples.Requests[route].Replace("\"first\"", $"\"{thing.Session}\"", StringComparison.Ordinal),
        _ => ApiExamples.Requests.GetValueOrDefault(route),
    };

    private static void AddHeaders(HttpRequestMessage request, string template, string method, OwnedThing thing)
    {
        // From elsewhere, by way of a proxy: what is open to this machine alone is not open to it.
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        if (template.StartsWith("/chat/ws/", StringComparison.Ordinal))
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.Add(new ProductHeaderValue("websocket"));
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        else if (template == "/mcp")
        {
            AcceptBoth(request);
            if (method != "POST")
                request.Headers.Add("Mcp-Session-Id", thing.McpSession);
        }
    }

    private static void AcceptBoth(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
    }
}
