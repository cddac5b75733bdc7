using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Sessions;

public sealed class SessionImportRouteTests
{
    [Fact]
    public async Task Import_OfAnExportAsItIs_MakesTheSessionAnew()
    {
        await using var host = await GatewayHost.StartAsync();
        var id = await ChatAsync(host, "What is a grain?");
        var exported = await host.Client.GetStringAsync($"/api/sessions/{id}/export?format=json");

        using var response = await host.Client.PostAsync("/api/sessions/import", GatewayHost.Json(exported));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var copy = await host.GetAsync(response.Headers.Location!.ToString());
        var original = await host.GetAsync($"/api/sessions/{id}");
        Assert.NotEqual(id, copy.GetProperty("id").GetString());
        Assert.Equal(Contents(original), Contents(copy));
        Assert.Equal(original.GetProperty("title").GetString(), copy.GetProperty("title").GetString());
        Assert.Equal(original.GetProperty("messages")[1].GetProperty("createdAt").GetString(), copy.GetProperty("messages")[1].GetProperty("createdAt").GetString());
    }

    [Theory]
    [InlineData("""{}""", "messages", "is required")]
    [InlineData("""{"messages":{}}""", "messages", "must be an array")]
    [InlineData("""{"messages":[5]}""", "messages[0]", "must be an object")]
    [InlineData("""{"messages":[{"role":"user","content":"a","createdAt":"2030-01-01T00:00:00Z"}]}""", "messages[0].id", "is required")]
    [InlineData("""{"messages":[{"id":"a","role":"user","content":"a"}]}""", "messages[0].createdAt", "is required")]
    [InlineData("""{"messages":[{"id":"a","role":"user","content":5,"createdAt":"2030-01-01T00:00:00Z"}]}""", "messages[0].content", "must be a string")]
    [InlineData("""{"messages":[{"id":"a","role":"tool","content":"a","createdAt":"2030-01-01T00:00:00Z"}]}""", "messages[0].role", "must be 'user' or 'assistant'")]
    [InlineData("""{"messages":[{"id":"a","parentId":"b","role":"user","content":"a","createdAt":"2030-01-01T00:00:00Z"}]}""", "messages[0].parentId", "no message before it")]
    [InlineData("""{"messages":[{"id":"a","role":"user","content":"a","createdAt":"2030-01-01T00:00:00Z","citations":[{"n":0}]}]}""", "messages[0].citations[0].n", "whole number")]
    public async Task Import_OfWhatIsNoExport_NamesTheFieldAndMakesNothing(string body, string field, string rule)
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.PostAsync("/api/sessions/import", GatewayHost.Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(field, problem.GetProperty("subject").GetString());
        Assert.Contains(rule, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty((await host.GetAsync("/api/sessions")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Get_WithALimit_ShowsTheNewestAndWhatAsksForTheRest()
    {
        await using var host = await GatewayHost.StartAsync();
        var id = await ChatAsync(host, "What is a grain?");

        var newest = await host.GetAsync($"/api/sessions/{id}?limit=1");
        var rest = await host.GetAsync($"/api/sessions/{id}?limit=1&before={newest.GetProperty("before").GetString()}");

        Assert.Equal("assistant", Assert.Single(newest.GetProperty("messages").EnumerateArray()).GetProperty("role").GetString());
        Assert.Equal("What is a grain?", Assert.Single(rest.GetProperty("messages").EnumerateArray()).GetProperty("content").GetString());
        Assert.False(rest.TryGetProperty("before", out _));
    }

    [Fact]
    public async Task Patch_WithAnActiveMessage_SwitchesTheBranch()
    {
        await using var host = await GatewayHost.StartAsync();
        var id = await ChatAsync(host, "One");
        var first = (await host.GetAsync($"/api/sessions/{id}")).GetProperty("messages")[0].GetProperty("id").GetString();
        await host.PostAsync($"/api/sessions/{id}/turns", new { message = "One, edited", parentMessageId = "root" });

        using var response = await host.Client.PatchAsJsonAsync($"/api/sessions/{id}", new { activeMessageId = first });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("One", Contents(await host.GetAsync($"/api/sessions/{id}"))[0]);
    }

    [Fact]
    public async Task SharedSession_IsListedToATeammateWhoMayChatButNotDelete()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            Teams = [new TeamOptions { Id = "blue" }],
            ApiKeys =
            [
                new ApiKeyOptions { Id = "a", Secret = "sk-a", Team = "blue" },
                new ApiKeyOptions { Id = "b", Secret = "sk-b", Team = "blue" },
                new ApiKeyOptions { Id = "c", Secret = "sk-c" },
            ],
        });
        host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-a");
        var id = (await host.PostAsync("/api/sessions", new { title = "ours", shared = true })).GetProperty("id").GetString();
        using var teammate = Client(host, "sk-b");
        using var outsider = Client(host, "sk-c");

        var listed = await teammate.GetFromJsonAsync<JsonElement>("/api/sessions");
        using var turn = await teammate.PostAsJsonAsync($"/api/sessions/{id}/turns", new { message = "Hello" });
        using var deletion = await teammate.DeleteAsync($"/api/sessions/{id}");
        using var foreign = await outsider.GetAsync($"/api/sessions/{id}");
        using var alone = await outsider.PostAsJsonAsync("/api/sessions", new { shared = true });

        Assert.Equal(id, Assert.Single(listed.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.BadRequest),
            (turn.StatusCode, deletion.StatusCode, foreign.StatusCode, alone.StatusCode));
    }

    private static HttpClient Client(GatewayHost host, string secret)
    {
        var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Add("x-api-key", secret);
        return client;
    }

    private static async Task<string> ChatAsync(GatewayHost host, string message)
    {
        var id = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString()!;
        await host.PostAsync($"/api/sessions/{id}/turns", new { message });
        return id;
    }

    private static List<string?> Contents(JsonElement session) =>
        [.. session.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString())];
}
