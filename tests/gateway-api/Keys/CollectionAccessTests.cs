using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ModelContextProtocol.Client;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Keys;

/// <summary>A key that may use some collections only, beside one that may use all.</summary>
public sealed class CollectionAccessTests : IAsyncLifetime
{
    private const string Open = "sk-open";
    private const string Narrow = "sk-narrow";
    private const string Question = "Where does the treasure lie?";

    private static readonly OrleansChatOptions Settings = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "open", Secret = Open, Cache = CacheScope.Shared },
            new ApiKeyOptions { Id = "narrow", Secret = Narrow, Collections = ["docs", "later"], Cache = CacheScope.Shared },
        ],
    };

    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(Settings);
        foreach (var (name, text) in new[] { ("docs", "The treasure lies below the oak."), ("vault", "The treasure lies in the vault.") })
        {
            Assert.Equal(HttpStatusCode.Created, await StatusAsync(HttpMethod.Put, $"/api/collections/{name}", Open, new { }));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Post, $"/api/collections/{name}/documents", Open, new { documents = new[] { new { id = $"{name}.md", text } } }));
        }
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("PUT", "/api/collections/{0}", "{}")]
    [InlineData("GET", "/api/collections/{0}", null)]
    [InlineData("GET", "/api/collections/{0}/documents", null)]
    [InlineData("POST", "/api/collections/{0}/documents", """{"documents":[{"id":"x","text":"y"}]}""")]
    [InlineData("DELETE", "/api/collections/{0}/documents/vault.md", null)]
    [InlineData("POST", "/api/collections/{0}/migrations", """{"embeddingModel":"builtin/hashing"}""")]
    [InlineData("GET", "/api/collections/{0}/migrations", null)]
    [InlineData("GET", "/api/collections/{0}/migrations/x", null)]
    [InlineData("POST", "/api/collections/{0}/migrations/x/rollback", null)]
    [InlineData("POST", "/api/search", """{"query":"treasure","collection":"{0}"}""")]
    [InlineData("POST", "/api/find-code", """{"query":"treasure","collection":"{0}"}""")]
    [InlineData("POST", "/api/sessions", """{"collections":["docs","{0}"]}""")]
    public async Task Request_ForACollectionThatIsNotTheKeys_IsForbiddenWhetherItIsThereOrNot(string method, string path, string? body)
    {
        foreach (var collection in (string[])["vault", "nowhere"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Fill(path, collection)) { Content = body is null ? null : GatewayHost.Json(Fill(body, collection)) };
            request.Headers.Add("x-api-key", Narrow);
            using var response = await _host.Client.SendAsync(request);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (response.StatusCode, problem.GetProperty("code").GetString()));
            Assert.Equal("Use one of: docs, later.", problem.GetProperty("suggestions")[0].GetString());
        }

        Assert.Equal(["docs.md", "vault.md"], await DocumentsAsync());
    }

    [Fact]
    public async Task Collections_OfTheKey_CanBeMadeFilledAndSearchedAndAreAllThatItSees()
    {
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(HttpMethod.Put, "/api/collections/later", Narrow, new { }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Post, "/api/search", Narrow, new { query = "treasure", collection = "docs" }));
        Assert.Equal(["docs", "later"], await NamesAsync(Narrow));
        Assert.Equal(["docs", "later", "vault"], await NamesAsync(Open));
    }

    [Fact]
    public async Task Turn_OfASessionThatNamesNone_AnswersFromTheKeysOwn()
    {
        AssertOwn(await TextAsync("/chat", Narrow, new { message = Question }));
        AssertOwn(await TextAsync("/chat", Narrow, new { message = "/search treasure" }));
        Assert.Contains("vault", await TextAsync("/chat", Open, new { message = Question }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_WhoseCollectionsAreTakenFromTheKey_AnswersFromThoseThatAreLeft()
    {
        var secret = await CreateAsync(new { id = "ci", collections = new[] { "docs", "vault" } });
        using var made = await _host.SendAsync(HttpMethod.Post, "/api/sessions", secret, new { collections = new[] { "docs", "vault" } });
        var session = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        Assert.Contains("vault", await TextAsync($"/api/sessions/{session}/turns", secret, new { message = Question }), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { collections = new[] { "docs" } }));

        AssertOwn(await TextAsync($"/api/sessions/{session}/turns", secret, new { message = Question }));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Patch, $"/api/sessions/{session}", secret, new { collections = new[] { "vault" } }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { collections = (object?)null }));
        Assert.Equal(["docs", "vault"], await NamesAsync(secret));
    }

    [Fact]
    public async Task Completion_OfTheModelThatAnswersFromDocuments_QuotesTheKeysOwnAlsoWhereTheCacheIsShared()
    {
        var request = new { model = "default", messages = new[] { new { role = "user", content = Question } } };
        Assert.Contains("vault", await TextAsync("/v1/chat/completions", Open, request), StringComparison.Ordinal);
        AssertOwn(await TextAsync("/v1/chat/completions", Narrow, request));
    }

    [Fact]
    public async Task Socket_SearchesTheKeysOwnAndRefusesOthers()
    {
        using var socket = await SocketClient.OpenAsync(_host.Address, key: Narrow);
        await socket.SendAsync(new { type = "search", data = new { query = "treasure" } });
        AssertOwn((await socket.ReceiveAsync()).GetRawText());
        await socket.SendAsync(new { type = "search", data = new { query = "treasure", collection = "vault" } });
        Assert.Contains("forbidden", (await socket.ReceiveAsync()).GetRawText(), StringComparison.Ordinal);
        await socket.SendAsync(new { type = "find_code", data = new { query = "treasure", collection = "vault" } });
        Assert.Contains("forbidden", (await socket.ReceiveAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_SearchTheKeysOwnAndRefuseOthers()
    {
        var options = new HttpClientTransportOptions { Endpoint = new Uri(_host.Address, "/mcp"), AdditionalHeaders = new Dictionary<string, string> { ["x-api-key"] = Narrow } };
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(options)).WaitAsync(TestWait.Limit);

        AssertOwn(await CallAsync("search", new() { ["query"] = "treasure" }));
        Assert.Contains("forbidden", await CallAsync("search", new() { ["query"] = "treasure", ["collection"] = "vault" }), StringComparison.Ordinal);
        Assert.Contains("forbidden", await CallAsync("find_code", new() { ["query"] = "treasure", ["collection"] = "vault" }), StringComparison.Ordinal);
        Assert.Contains("forbidden", await CallAsync("ask", new() { ["question"] = Question, ["collections"] = "docs, vault" }), StringComparison.Ordinal);

        async Task<string> CallAsync(string tool, Dictionary<string, object?> arguments) => JsonSerializer.Serialize(await client.CallToolAsync(tool, arguments));
    }

    [Fact]
    public async Task Key_WithANameThatNoCollectionCanHave_IsRefused()
    {
        using var refused = await _host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci", collections = new[] { "docs", "a b" } });
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("collections[1]", problem.GetProperty("subject").GetString());
    }

    private static string Fill(string text, string collection) => text.Replace("{0}", collection, StringComparison.Ordinal);

    private static void AssertOwn(string text)
    {
        Assert.Contains("oak", text, StringComparison.Ordinal);
        Assert.DoesNotContain("vault", text, StringComparison.Ordinal);
    }

    private async Task<string> CreateAsync(object key)
    {
        using var created = await _host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", key);
        return (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string secret, object body)
    {
        using var response = await _host.SendAsync(method, path, secret, body);
        return response.StatusCode;
    }

    private async Task<string> TextAsync(string path, string secret, object body)
    {
        using var response = await _host.SendAsync(HttpMethod.Post, path, secret, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    private async Task<IEnumerable<string?>> NamesAsync(string secret)
    {
        using var response = await _host.SendAsync(HttpMethod.Get, "/api/collections", secret);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString());
    }

    private async Task<IEnumerable<string?>> DocumentsAsync()
    {
        var ids = new List<string?>();
        foreach (var collection in await NamesAsync(Open))
        {
            using var response = await _host.SendAsync(HttpMethod.Get, $"/api/collections/{collection}/documents", Open);
            ids.AddRange((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        }

        return ids;
    }
}
