using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sessions;

/// <summary><c>GET /api/sessions?query=</c> with <c>Sessions:Search</c>.</summary>
public sealed class SessionSearchTests
{
    private static readonly OrleansChatOptions Options = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "maker", Secret = "sk-maker", Team = "blue" },
            new ApiKeyOptions { Id = "teammate", Secret = "sk-teammate", Team = "blue" },
            new ApiKeyOptions { Id = "outsider", Secret = "sk-outsider" },
        ],
        Teams = [new TeamOptions { Id = "blue" }],
        Sessions = new SessionOptions { Search = true },
    };

    [Fact]
    public async Task Query_FindsWhatWasSaidWithASnippetForThoseWhoMaySeeIt()
    {
        await using var host = await GatewayHost.StartAsync(Options);
        using var maker = Client(host, "sk-maker");
        using var teammate = Client(host, "sk-teammate");
        using var outsider = Client(host, "sk-outsider");
        var id = await ChatAsync(maker, "Where does the heffalump live?");

        var line = await FoundAsync(maker, "heffalumps living");
        var match = line.GetProperty("matches")[0];
        Assert.Equal(id, line.GetProperty("id").GetString());
        Assert.Equal("user", match.GetProperty("role").GetString());
        Assert.Equal("Where does the heffalump live?", match.GetProperty("snippet").GetString());
        Assert.Equal((15, 24), (match.GetProperty("highlights")[0].GetProperty("start").GetInt32(), match.GetProperty("highlights")[0].GetProperty("end").GetInt32()));
        Assert.Equal((0, 0), (await CountAsync(teammate, "heffalump"), await CountAsync(outsider, "heffalump")));

        await maker.PatchAsJsonAsync($"/api/sessions/{id}", new { title = "Woods", shared = true });
        await FoundAsync(teammate, "heffalump");
        Assert.Equal(0, await CountAsync(outsider, "heffalump"));

        await maker.PatchAsJsonAsync($"/api/sessions/{id}", new { shared = false });
        Assert.Equal(0, await CountAsync(teammate, "heffalump"));
        await maker.DeleteAsync($"/api/sessions/{id}");
        Assert.Equal(0, await CountAsync(maker, "heffalump"));
    }

    [Fact]
    public async Task Texts_AreNoCollectionAndNoSourceOfAnswers()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions { Sessions = Options.Sessions });
        await ChatAsync(host.Client, "The heffalump lives in the hundred acre wood.");
        await FoundAsync(host.Client, "heffalump");

        Assert.Empty((await host.GetAsync("/api/collections")).GetProperty("items").EnumerateArray());
        foreach (var name in (string[])["local", "texts", "all", "session-index"])
        {
            using var search = await host.Client.PostAsJsonAsync("/api/search", new { query = "heffalump", collection = name });
            using var code = await host.Client.PostAsJsonAsync("/api/find-code", new { query = "heffalump", collection = name });
            Assert.False(search.IsSuccessStatusCode || code.IsSuccessStatusCode, name);
        }

        var other = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        var turn = await host.PostAsync($"/api/sessions/{other}/turns", new { message = "Where does the heffalump live?" });
        Assert.DoesNotContain("hundred acre", turn.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_WithoutTheSetting_FindsTitlesAlone()
    {
        await using var host = await GatewayHost.StartAsync();
        var id = await ChatAsync(host.Client, "heffalump");
        await host.Client.PatchAsJsonAsync($"/api/sessions/{id}", new { title = "Woods" });

        Assert.Equal((0, 1), (await CountAsync(host.Client, "heffalump"), await CountAsync(host.Client, "woods")));
    }

    private static HttpClient Client(GatewayHost host, string secret)
    {
        var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Add("x-api-key", secret);
        return client;
    }

    private static async Task<string> ChatAsync(HttpClient client, string message)
    {
        using var made = await client.PostAsJsonAsync("/api/sessions", new { title = "Untitled" });
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var turn = await client.PostAsJsonAsync($"/api/sessions/{id}/turns", new { message });
        Assert.True(turn.IsSuccessStatusCode, await turn.Content.ReadAsStringAsync());
        return id;
    }

    private static async Task<JsonElement> ListAsync(HttpClient client, string query) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/sessions?query={Uri.EscapeDataString(query)}")).GetProperty("items");

    private static async Task<int> CountAsync(HttpClient client, string query) => (await ListAsync(client, query)).GetArrayLength();

    /// <summary>The only session that is found, shortly after its turn has ended.</summary>
    private static async Task<JsonElement> FoundAsync(HttpClient client, string query)
    {
        await TestWait.UntilAsync(async () => await CountAsync(client, query) > 0);
        return Assert.Single((await ListAsync(client, query)).EnumerateArray());
    }
}
