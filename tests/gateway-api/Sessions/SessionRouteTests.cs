using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Sessions;

public sealed class SessionRouteTests
{
    [Fact]
    public async Task Post_WithSettings_CreatesTheSessionThatGetFinds()
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.PostAsJsonAsync("/api/sessions", new { title = "Öl & Gas", systemPrompt = "Be brief.", collections = new[] { "docs" } });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"/api/sessions/{created.GetProperty("id").GetString()}", response.Headers.Location?.ToString());
        var found = await host.GetAsync(response.Headers.Location!.ToString());
        Assert.Equal("Öl & Gas", found.GetProperty("title").GetString());
        Assert.Equal("Be brief.", found.GetProperty("systemPrompt").GetString());
        Assert.Empty(found.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task Post_WithoutABody_CreatesASessionWithDefaults()
    {
        await using var host = await GatewayHost.StartAsync();
        using var response = await host.Client.PostAsync("/api/sessions", null);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"title":5}""", "title", "must be a string, not a number")]
    [InlineData("""{"collections":"docs"}""", "collections", "must be an array, not a string")]
    [InlineData("""{"collections":["a",null]}""", "collections[1]", "must be a string, not null")]
    [InlineData("""{"budgetUsd":-1}""", "budgetUsd", "from 0")]
    [InlineData("""{"ttlMinutes":1.5}""", "ttlMinutes", "whole number")]
    [InlineData("""{"model":"no-such-model"}""", "model", "not configured")]
    public async Task Post_WithAWrongField_NamesTheFieldAndTheRule(string body, string field, string rule)
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.PostAsync("/api/sessions", GatewayHost.Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("invalid_request", problem.GetProperty("code").GetString());
        Assert.Equal(field, problem.GetProperty("subject").GetString());
        Assert.Contains(rule, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WithSeveralWrongFields_NamesThemAll()
    {
        await using var host = await GatewayHost.StartAsync();
        using var response = await host.Client.PostAsync("/api/sessions", GatewayHost.Json("""{"title":5,"ttlMinutes":"x"}"""));
        var detail = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Contains("'title'", detail, StringComparison.Ordinal);
        Assert.Contains("'ttlMinutes'", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-a-known-id")]
    [InlineData("a%20b")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("0190b2d3-0000-7000-8000-000000000000")]
    public async Task Get_UnknownId_IsNotFound(string id)
    {
        await using var host = await GatewayHost.StartAsync();
        using var response = await host.Client.GetAsync($"/api/sessions/{id}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_found", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Session_OfAnotherKey_LooksAsIfItDidNotExist()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }, new ApiKeyOptions { Id = "b", Secret = "sk-b" }],
        });
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        var id = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();

        using var other = new HttpClient { BaseAddress = host.Address };
        other.DefaultRequestHeaders.Add("x-api-key", "sk-b");
        using var get = await other.GetAsync($"/api/sessions/{id}");
        using var delete = await other.DeleteAsync($"/api/sessions/{id}");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (get.StatusCode, delete.StatusCode));
        Assert.Equal(id, (await host.GetAsync($"/api/sessions/{id}")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task List_GoesOnWithTheCursorAndFiltersByTitle()
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var title in (string[])["alpha one", "alpha two", "beta"])
            await host.PostAsync("/api/sessions", new { title });

        var first = await host.GetAsync("/api/sessions?limit=2");
        var second = await host.GetAsync($"/api/sessions?limit=2&cursor={first.GetProperty("nextCursor").GetString()}");
        var alpha = await host.GetAsync("/api/sessions?query=alpha");

        Assert.Equal(["beta", "alpha two"], Titles(first));
        Assert.Equal(["alpha one"], Titles(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        Assert.Equal(2, alpha.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("cursor=nonsense")]
    public async Task List_WithAWrongParameter_IsInvalid(string query)
    {
        await using var host = await GatewayHost.StartAsync();
        using var response = await host.Client.GetAsync($"/api/sessions?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Patch_ChangesWhatIsGivenAndDeleteRemoves()
    {
        await using var host = await GatewayHost.StartAsync();
        var path = $"/api/sessions/{(await host.PostAsync("/api/sessions", new { title = "old", systemPrompt = "p" })).GetProperty("id").GetString()}";

        using var patched = await host.Client.PatchAsJsonAsync(path, new { title = "new" });
        var session = await patched.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("new", "p"), (session.GetProperty("title").GetString(), session.GetProperty("systemPrompt").GetString()));

        using var deleted = await host.Client.DeleteAsync(path);
        using var gone = await host.Client.GetAsync(path);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, gone.StatusCode));
    }

    private static IEnumerable<string?> Titles(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("title").GetString());
}
