using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using OrleansChat.VectorQdrant;
using OrleansChat.VectorQdrant.Tests.Simulation;

namespace OrleansChat.ClientGateway.Tests.Health;

/// <summary>Qdrant goes and comes back: what searches, turns and <c>/health</c> of gateways and silos say of it.</summary>
public sealed class QdrantOutageTests
{
    [Fact]
    public async Task Qdrant_GoesAndComesBack_WhileChatsGoOn()
    {
        await using var qdrant = await SimulatedQdrantServer.StartAsync();
        var cluster = new LocalCluster
        {
            GatewayServices = UseQdrant,
            SiloServices = UseQdrant,
        };
        await using var _ = cluster;
        cluster.Write($$"""
            {
              "Qdrant": { "Url": "{{qdrant.Url}}" },
              "Models": [ { "Id": "default", "Route": [ "builtin/extractive" ] } ],
              "Logging": { "Level": "None" }
            }
            """);
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        using (var made = await cluster.Http.PutAsJsonAsync("/api/collections/docs", new { }))
            Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        var indexed = await PostAsync(cluster, "/api/collections/docs/documents", new { documents = new[] { new { id = "d", text = "The quick fox jumps over the lazy dog." } } });
        Assert.Equal(1, indexed.Body.GetProperty("indexed").GetInt32());
        Assert.Equal((HttpStatusCode.OK, 1), await HitsAsync(cluster));
        Assert.Equal((1, ""), await TurnAsync(cluster));
        await UntilAsync(cluster, "healthy", "healthy");

        await qdrant.StopAsync();
        var refused = await SearchAsync(cluster);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "upstream_unavailable"), (refused.Status, refused.Body.GetProperty("code").GetString()));
        Assert.Equal((0, "retrieval-to-none"), await TurnAsync(cluster));
        await UntilAsync(cluster, "unhealthy", "degraded");

        // It has kept what it had, and nobody has to be told.
        await qdrant.StartAgainAsync();
        await TestWait.UntilAsync(async () => await HitsAsync(cluster) == (HttpStatusCode.OK, 1));
        await TestWait.UntilAsync(async () => await TurnAsync(cluster) == (1, ""));

        // What failed again and again stays an incident for a while.
        await UntilAsync(cluster, "healthy", "healthy", "degraded");
    }

    private static void UseQdrant(IServiceCollection services) => services.RemoveAll<IVectorStore>().AddQdrantVectorStore();

    private static Task<(HttpStatusCode Status, JsonElement Body)> SearchAsync(LocalCluster cluster) =>
        PostAsync(cluster, "/api/search", new { query = $"fox {Guid.NewGuid()}", collection = "docs" });

    private static async Task<(HttpStatusCode Status, int Hits)> HitsAsync(LocalCluster cluster)
    {
        var (status, body) = await SearchAsync(cluster);
        return (status, body.TryGetProperty("hits", out var hits) ? hits.GetArrayLength() : 0);
    }

    private static async Task<(int Citations, string Fallbacks)> TurnAsync(LocalCluster cluster)
    {
        var session = (await PostAsync(cluster, "/api/sessions", new { collections = new[] { "docs" } })).Body.GetProperty("id").GetString();
        var (status, turn) = await PostAsync(cluster, $"/api/sessions/{session}/turns", new { message = "What jumps over the dog?" });
        Assert.Equal(HttpStatusCode.OK, status);
        return (
            turn.GetProperty("message").TryGetProperty("citations", out var citations) ? citations.GetArrayLength() : 0,
            turn.TryGetProperty("fallbacks", out var fallbacks) ? string.Join(',', fallbacks.EnumerateArray().Select(name => name.GetString())) : "");
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(LocalCluster cluster, string path, object body)
    {
        using var answer = await cluster.Http.PostAsJsonAsync(path, body);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private static async Task UntilAsync(LocalCluster cluster, string qdrant, params string[] overall)
    {
        foreach (var http in new[] { cluster.Http, cluster.SiloHttp })
        {
            await TestWait.UntilAsync(async () =>
            {
                using var answer = await http.GetAsync("/health");
                var health = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
                return health.GetProperty("components").GetProperty("qdrant").GetProperty("status").GetString() == qdrant && overall.Contains(health.GetProperty("status").GetString());
            });
        }
    }
}
