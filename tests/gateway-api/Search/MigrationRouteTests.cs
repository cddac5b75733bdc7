using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Search;

public sealed class MigrationRouteTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Upstream.Fallback = _ => Reply.Embeddings(8);
        await Host.Client.PutAsync("/api/collections/docs", null);
        await Host.PostAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "a", text = "A grain is an actor." } } });
    }

    [Fact]
    public async Task Migration_RunsToItsEndAndBack()
    {
        using var accepted = await Host.Client.PostAsJsonAsync("/api/collections/docs/migrations", new { embeddingModel = "scripted/e" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var started = await accepted.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("docs_v1", "docs_v2"), (started.GetProperty("from").GetString(), started.GetProperty("to").GetString()));

        var path = accepted.Headers.Location!.ToString();
        var done = await UntilAsync(path, "completed");
        Assert.Equal((1d, 1), (done.GetProperty("progress").GetDouble(), done.GetProperty("totalDocuments").GetInt32()));
        Assert.Equal((2, "scripted/e"), await ServingAsync());

        using var rollback = await Host.Client.PostAsync($"{path}/rollback", null);
        Assert.Equal(HttpStatusCode.Accepted, rollback.StatusCode);
        await UntilAsync(path, "rolledBack");
        Assert.Equal((1, "builtin/hashing"), await ServingAsync());
        Assert.Equal(1, (await Host.GetAsync("/api/collections/docs/migrations")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("/api/collections/docs/migrations", "{}", HttpStatusCode.BadRequest)]
    [InlineData("/api/collections/docs/migrations", """{"embeddingModel":"builtin/hashing"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/collections/docs/migrations", """{"embeddingModel":"none/x"}""", HttpStatusCode.NotFound)]
    [InlineData("/api/collections/none/migrations", """{"embeddingModel":"scripted/e"}""", HttpStatusCode.NotFound)]
    [InlineData("/api/collections/docs/migrations/x/rollback", "{}", HttpStatusCode.NotFound)]
    [InlineData("/api/collections/docs/migrations/x/explode", "{}", HttpStatusCode.NotFound)]
    public async Task Migration_ThatCannotBe_IsRefused(string path, string body, HttpStatusCode status)
    {
        using var response = await Host.Client.PostAsync(path, GatewayHost.Json(body));
        Assert.Equal(status, response.StatusCode);
    }

    private async Task<(int Version, string? Model)> ServingAsync()
    {
        var collection = await Host.GetAsync("/api/collections/docs");
        return (collection.GetProperty("version").GetInt32(), collection.GetProperty("embeddingModel").GetString());
    }

    private async Task<JsonElement> UntilAsync(string path, string status)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var migration = await Host.GetAsync(path);
            if (migration.GetProperty("status").GetString() == status)
                return migration;
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, migration.ToString());
        }
    }
}
