using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>Sockets of a cluster's gateway beyond what it answers at a time; each promise in full is held on one machine, where the same gateway code runs.</summary>
public sealed class SocketOverloadTests
{
    [Fact]
    public async Task Chat_BeyondWhatIsAnswered_IsRefusedAsRequestsAreAndTheSocketLivesOn()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var held = new StreamGate();
        upstream.Enqueue(Reply.Pieces("a", "b").GatedBy(held));
        await using var cluster = new LocalCluster(
            "--OrleansChat:Gateway:MaxInFlight=1",
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);
        using var running = await SocketClient.OpenAsync(cluster.Http.BaseAddress!, "running");
        using var refused = await SocketClient.OpenAsync(cluster.Http.BaseAddress!, "refused");
        await running.SendAsync(new { type = "chat", data = new { message = "Hi" } });
        var turnId = (await running.ReceiveAsync()).GetProperty("turnId").GetString();

        await refused.SendAsync(new { type = "chat", id = "q", data = new { message = "Hi" } });
        var error = await refused.ReceiveAsync();

        using var request = await cluster.Http.PostAsJsonAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "s" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, request.StatusCode);
        var problem = await request.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("q", error.GetProperty("id").GetString());
        foreach (var member in new[] { "status", "code", "detail", "retryAfterSeconds" })
            Assert.Equal(problem.GetProperty(member).GetRawText(), error.GetProperty(member).GetRawText());
        await refused.SendAsync(new { type = "ping" });
        Assert.Equal("pong", SocketClient.Type(await refused.ReceiveAsync()));
        await running.SendAsync(new { type = "cancel", data = new { turnId } });
        Assert.Equal("cancelled", (await running.ReceiveTurnAsync())[^1].GetProperty("status").GetString());

        // What has ended gives its place back a moment after its last frame.
        List<JsonElement> taken;
        do
        {
            await refused.SendAsync(new { type = "chat", data = new { message = "Hi" } });
            taken = await refused.ReceiveTurnAsync();
        }
        while (SocketClient.Type(taken[^1]) == "error" && taken[^1].GetProperty("code").GetString() == problem.GetProperty("code").GetString());
        Assert.Equal("completed", taken[^1].GetProperty("status").GetString());
    }
}
