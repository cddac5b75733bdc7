using System.Net.WebSockets;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sockets;

/// <summary>A socket outlives the request that opened it, but not its key.</summary>
public sealed class SocketKeyTests : ScriptedGatewayTests
{
    private readonly FakeClock _clock = new();

    private protected override TimeProvider Clock => _clock;

    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys = [new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true }],
    };

    [Fact]
    public async Task Frame_AfterTheKeyWasRevoked_IsRefusedAndTheSocketIsClosed()
    {
        using var socket = await OpenAsync(await SecretAsync("/api/keys", new { id = "ci" }));
        using var revoked = await Host.SendAsync(HttpMethod.Delete, "/api/keys/ci", "sk-boss");

        await socket.SendAsync(new { type = "chat", id = "q1", data = new { message = "Hi" } });

        await AssertEndsAsync(socket, "q1");
        Assert.Empty(Upstream.Requests);
    }

    [Fact]
    public async Task Frame_ByASecretOfBeforeTheRotation_IsAnsweredUntilTheOverlapIsOver()
    {
        using var socket = await OpenAsync(await SecretAsync("/api/keys", new { id = "ci" }));
        await SecretAsync("/api/keys/ci/rotate", new { overlapSeconds = 60 });

        await socket.SendAsync(new { type = "ping", id = "within" });
        Assert.Equal("within", (await socket.ReceiveAsync()).GetProperty("id").GetString());

        _clock.Advance(TimeSpan.FromSeconds(60));
        await socket.SendAsync(new { type = "ping", id = "after" });
        await AssertEndsAsync(socket, "after");
    }

    [Fact]
    public async Task Frame_AfterTheKeyExpired_IsRefused()
    {
        using var socket = await OpenAsync(await SecretAsync("/api/keys", new { id = "ci", expiresAt = _clock.GetUtcNow() + TimeSpan.FromHours(1) }));
        _clock.Advance(TimeSpan.FromHours(1));
        await socket.SendAsync(new { type = "ping", id = "late" });
        await AssertEndsAsync(socket, "late");
    }

    [Fact]
    public async Task Frame_AfterTheKeyWasChanged_IsAnsweredByTheKeyAsItIsNow()
    {
        using var socket = await OpenAsync(await SecretAsync("/api/keys", new { id = "ci" }));
        using var patched = await Host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { upstreams = new[] { "builtin" } });

        await socket.SendAsync(new { type = "chat", data = new { message = "Hi" } });

        Assert.Equal("forbidden", (await socket.ReceiveTurnAsync())[^1].GetProperty("code").GetString());
        Assert.Empty(Upstream.Requests);
    }

    private Task<SocketClient> OpenAsync(string secret) => SocketClient.OpenAsync(Host.Address, key: secret);

    private async Task<string> SecretAsync(string path, object body)
    {
        using var response = await Host.SendAsync(HttpMethod.Post, path, "sk-boss", body);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;
    }

    private static async Task AssertEndsAsync(SocketClient socket, string frame)
    {
        var error = await socket.ReceiveAsync();
        Assert.Equal((frame, "unauthenticated"), (error.GetProperty("id").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(JsonValueKind.Undefined, (await socket.ReceiveAsync()).ValueKind);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Socket.CloseStatus);
    }
}
