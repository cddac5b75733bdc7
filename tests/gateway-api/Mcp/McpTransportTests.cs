using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Mcp;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Mcp;

/// <summary>The transport's rules, request by request.</summary>
public sealed class McpTransportTests : IAsyncLifetime
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"VERSION","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private const string ListTools = """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(new OrleansChatOptions
    {
        ApiKeys = [new ApiKeyOptions { Id = "one", Secret = "secret-one-1234567890" }, new ApiKeyOptions { Id = "two", Secret = "secret-two-1234567890" }],
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("1999-01-01", "2025-11-25")]
    public async Task Initialize_SettlesOnAVersionAndOpensASession(string asked, string given)
    {
        using var response = await SendAsync(Initialize.Replace("VERSION", asked, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(given, (await ReadAsync(response)).GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.Equal(48, Assert.Single(response.Headers.GetValues("Mcp-Session-Id")).Length);
    }

    [Fact]
    public async Task Session_ServesItsOwnerUntilItIsEnded()
    {
        var session = await OpenAsync();
        using var listed = await SendAsync(ListTools, session);
        using var foreign = await SendAsync(ListTools, session, key: "secret-two-1234567890");
        using var ended = await SendAsync(null, session, method: HttpMethod.Delete);
        using var gone = await SendAsync(ListTools, session);

        Assert.Equal(3, (await ReadAsync(listed)).GetProperty("result").GetProperty("tools").GetArrayLength());
        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (foreign.StatusCode, ended.StatusCode, gone.StatusCode));
        var error = JsonElement.Parse(await gone.Content.ReadAsStringAsync());
        Assert.Equal((2, McpErrors.SessionNotFound), (error.GetProperty("id").GetInt32(), error.GetProperty("error").GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Notification_IsAcceptedWithoutAnAnswer()
    {
        using var response = await SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", await OpenAsync());
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:5173", HttpStatusCode.OK)]
    public async Task Request_OfAPage_IsAnsweredOnlyWhenThePageIsOfThisMachine(string origin, HttpStatusCode status)
    {
        using var response = await SendAsync(Initialize, change: request => request.Headers.Add("Origin", origin));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Request_InAnUnknownVersion_IsToldWhichThereAre()
    {
        using var response = await SendAsync(ListTools, change: request => request.Headers.Add("MCP-Protocol-Version", "2099-01-01"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal(McpErrors.UnsupportedVersion, error.GetProperty("code").GetInt32());
        Assert.Equal("2025-11-25", error.GetProperty("data").GetProperty("supported")[0].GetString());
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", HttpStatusCode.BadRequest)]
    public async Task Request_OutsideASession_IsRefused(string body, HttpStatusCode status)
    {
        using var response = await SendAsync(body);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Client_ThatTakesNoStream_IsRefused()
    {
        using var response = await SendAsync(Initialize, change: request =>
        {
            request.Headers.Accept.Clear();
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        });
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Fact]
    public async Task Request_WithoutAKey_IsUnauthenticated()
    {
        using var response = await SendAsync(Initialize, key: null);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Listen_Twice_IsRefusedTheSecondTime()
    {
        var session = await OpenAsync();
        using var first = await SendAsync(null, session, method: HttpMethod.Get, headersOnly: true);
        using var second = await SendAsync(null, session, method: HttpMethod.Get, headersOnly: true);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (first.StatusCode, second.StatusCode));
    }

    private async Task<string> OpenAsync()
    {
        using var response = await SendAsync(Initialize.Replace("VERSION", "2025-11-25", StringComparison.Ordinal));
        return Assert.Single(response.Headers.GetValues("Mcp-Session-Id"));
    }

    private async Task<HttpResponseMessage> SendAsync(
        string? body,
        string? session = null,
        string? key = "secret-one-1234567890",
        HttpMethod? method = null,
        Action<HttpRequestMessage>? change = null,
        bool headersOnly = false)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, "/mcp");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (session is not null)
            request.Headers.Add("Mcp-Session-Id", session);
        if (body is not null)
            request.Content = GatewayHost.Json(body);
        change?.Invoke(request);
        return await _host.Client.SendAsync(request, headersOnly ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var data = (await response.Content.ReadAsStringAsync()).Split('\n').Single(line => line.StartsWith("data: {", StringComparison.Ordinal));
        return JsonElement.Parse(data["data: ".Length..]);
    }
}
