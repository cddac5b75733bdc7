using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A turn that is under way, of a session with hardly any money left: reasons to refuse that only those learn who may see the session.</summary>
public sealed class RunningTurnTests : ScriptedGatewayTests
{
    private static readonly Tenant Owner = Tenant.All[0];
    private static readonly Tenant Stranger = Tenant.All[1];

    private protected override OrleansChatOptions Options => Tenant.Settings;

    [Fact]
    public async Task ToAnotherKey_ItLooksAsIfItWereNotThere_AndGoesOn()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Text("late").GatedBy(gate));
        var made = JsonOf(await Owner.SendAsync(Host, new("POST", "/api/sessions", """{"title":"Mine","budgetUsd":0.001}""")));
        var session = made.GetProperty("id").GetString()!;
        var answering = Owner.SendAsync(Host, new("POST", $"/api/sessions/{session}/turns", """{"message":"Hi"}"""));
        await Upstream.NextRequestAsync();
        var running = JsonOf(await Owner.SendAsync(Host, new("GET", $"/api/sessions/{session}")));
        var ids = new NamedIds(
            session, running.GetProperty("activeTurnId").GetString()!, running.GetProperty("messages")[0].GetProperty("id").GetString()!, $"resp_{Guid.Parse(session):N}{Guid.NewGuid():N}");

        var absent = ids.Absent();
        foreach (var (real, control) in Probes.Of(ids).Zip(Probes.Of(absent)))
            Assert.Equal((await Stranger.SendAsync(Host, control)).WithoutIds(absent.All), (await Stranger.SendAsync(Host, real)).WithoutIds(ids.All));

        gate.Open();
        Assert.Equal("completed", JsonOf(await answering).GetProperty("status").GetString());
    }

    private static JsonElement JsonOf(Answer answer) => JsonElement.Parse(answer.Body);
}
