using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

public sealed class GatewayLifeTests
{
    [Fact]
    public async Task AGateway_WithoutSilos_IsAliveAndNotReady_AndSaysThatTheClusterIsLost_AndServesAsSoonAsThereIsOne()
    {
        await using var cluster = new LocalCluster();
        cluster.StartGateway();
        await cluster.WaitForAsync("/live", HttpStatusCode.OK);
        await cluster.WaitForAsync("/ready", HttpStatusCode.ServiceUnavailable);

        cluster.StartSilo();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        await UntilClusterIsAsync(cluster, "healthy");

        using var created = await cluster.Http.PostAsJsonAsync("/api/sessions", new { title = "First" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var session = JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("id").GetString();
        using var turn = await cluster.Http.PostAsJsonAsync($"/api/sessions/{session}/turns", new { message = "Hello" });
        Assert.Equal(HttpStatusCode.OK, turn.StatusCode);
        Assert.NotEmpty(JsonElement.Parse(await turn.Content.ReadAsStringAsync()).GetProperty("message").GetProperty("content").GetString()!);

        Assert.Equal(0, await cluster.StopSiloAsync());
        await cluster.WaitForAsync("/ready", HttpStatusCode.ServiceUnavailable);
        await cluster.WaitForAsync("/live", HttpStatusCode.OK);
        await UntilClusterIsAsync(cluster, "unhealthy");
    }

    /// <summary>Waits for a look that finds the cluster so; it is critical, so the whole is the same.</summary>
    private static Task UntilClusterIsAsync(LocalCluster cluster, string status) => TestWait.UntilAsync(async () =>
    {
        using var answer = await cluster.Http.GetAsync("/health");
        var health = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        return health.GetProperty("components").GetProperty("cluster").GetProperty("status").GetString() == status
            && health.GetProperty("status").GetString() == status;
    });
}
