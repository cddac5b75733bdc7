using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>A secret for every kind of caller of one gateway.</summary>
internal sealed class Callers
{
    private const string AdminSecret = "sk-admin-0123456789";

    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    private readonly GatewayHost _host;
    private readonly Dictionary<Who, string> _secrets = new()
    {
        [Who.Unknown] = "oc-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        [Who.Teammate] = "sk-teammate-0123456789",
        [Who.Stranger] = "sk-stranger-0123456789",
        [Who.Admin] = AdminSecret,
    };

    private Callers(GatewayHost host) => _host = host;

    /// <summary>The settings that know those of them that are not made at run time.</summary>
    public static OrleansChatOptions Settings { get; } = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "admin", Secret = AdminSecret, Admin = true },
            new ApiKeyOptions { Id = "teammate", Secret = "sk-teammate-0123456789", Team = "blue" },
            new ApiKeyOptions { Id = "stranger", Secret = "sk-stranger-0123456789", Team = "red" },
        ],
        Teams = [new TeamOptions { Id = "blue" }, new TeamOptions { Id = "red" }],
        Sessions = new SessionOptions { Search = true },

        // Whoever calls here with a wrong key does so all the time.
        Gateway = new GatewayOptions { MaxAuthenticationFailuresPerMinute = 0 },
    };

    /// <summary>Makes those that are made at run time, and lets time pass for those whose time is over.</summary>
    public static async Task<Callers> InviteAsync(GatewayHost host, FakeClock clock)
    {
        var callers = new Callers(host);
        callers._secrets[Who.Expired] = await callers.MakeAsync(new { id = "expired", expiresAt = clock.GetUtcNow() + Short });
        callers._secrets[Who.RotatedAway] = await callers.MakeAsync(new { id = "rotated" });
        await callers.OrderAsync(HttpMethod.Post, "/api/keys/rotated/rotate", new { overlapSeconds = Short.TotalSeconds });
        callers._secrets[Who.Revoked] = await callers.MakeAsync(new { id = "revoked" });
        await callers.OrderAsync(HttpMethod.Delete, "/api/keys/revoked");
        clock.Advance(Short);

        callers._secrets[Who.OwnerByOldSecret] = await callers.MakeAsync(new { id = "owner", team = "blue", budget = new { usd = 5 } });
        var rotated = await callers.OrderAsync(HttpMethod.Post, "/api/keys/owner/rotate", new { overlapSeconds = Short.TotalSeconds });
        callers._secrets[Who.Owner] = rotated.GetProperty("secret").GetString()!;
        return callers;
    }

    /// <summary>What a caller presents; null for nothing.</summary>
    public string? SecretOf(Who who) => _secrets.GetValueOrDefault(who);

    /// <summary>A key of its own, for a route that changes or removes one.</summary>
    public async Task<string> MakeSpareKeyAsync() =>
        (await OrderAsync(HttpMethod.Post, "/api/keys", new { })).GetProperty("id").GetString()!;

    /// <summary>Sends what an admin orders.</summary>
    public async Task<JsonElement> OrderAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("x-api-key", AdminSecret);
        using var response = await _host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    private async Task<string> MakeAsync(object key) => (await OrderAsync(HttpMethod.Post, "/api/keys", key)).GetProperty("secret").GetString()!;
}
