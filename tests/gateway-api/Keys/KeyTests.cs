using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Keys;

public sealed class KeyTests
{
    private static readonly OrleansChatOptions TwoKeys = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "team-a", Secret = "sk-a", Team = "a" },
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
        ],
    };

    [Theory]
    [InlineData("Authorization", "Bearer sk-a")]
    [InlineData("Authorization", "bearer sk-a")]
    [InlineData("x-api-key", "sk-a")]
    public async Task Request_WithAKnownSecret_IsThatKeys(string header, string value)
    {
        await using var host = await StartAsync(TwoKeys);
        using var response = await SendAsync(host, "/whoami", (header, value));
        Assert.Equal("team-a", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("Authorization", "Bearer sk-b")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Basic c2stYQ==")]
    [InlineData("x-api-key", "")]
    [InlineData("Accept", "*/*")]
    public async Task Request_WithoutAKnownSecret_IsUnauthenticated(string header, string value)
    {
        await using var host = await StartAsync(TwoKeys);
        using var response = await SendAsync(host, "/whoami", (header, value));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("unauthenticated", problem.GetProperty("code").GetString());
        Assert.DoesNotContain("sk-", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminRoute_WithAnOrdinaryKey_IsForbidden()
    {
        await using var host = await StartAsync(TwoKeys);
        using var refused = await SendAsync(host, "/admin", ("x-api-key", "sk-a"));
        using var passed = await SendAsync(host, "/admin", ("x-api-key", "sk-boss"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
    }

    [Fact]
    public async Task LocalRequest_WhileNoKeyIsConfigured_IsAnAdminNamedLocal()
    {
        await using var host = await StartAsync(new OrleansChatOptions());
        using var response = await SendAsync(host, "/whoami", ("Authorization", "Bearer whatever"));
        Assert.Equal("local", await response.Content.ReadAsStringAsync());
        using var admin = await SendAsync(host, "/admin", ("Accept", "*/*"));
        Assert.Equal(HttpStatusCode.OK, admin.StatusCode);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    public async Task LocalRequest_MadeForSomebodyElse_IsUnauthenticated(string header, string value)
    {
        await using var host = await StartAsync(new OrleansChatOptions());
        using var response = await SendAsync(host, "/whoami", (header, value));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task ForeignRequest_WhenAnonymousIsAllowed_IsAnsweredButIsNoAdmin()
    {
        await using var host = await StartAsync(new OrleansChatOptions { AllowAnonymous = true });
        using var response = await SendAsync(host, "/whoami", ("Host", "chat.example"));
        using var admin = await SendAsync(host, "/admin", ("Host", "chat.example"));
        Assert.Equal("local", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, admin.StatusCode);
    }

    private static Task<GatewayHost> StartAsync(OrleansChatOptions options) => GatewayHost.StartAsync(options, routes: application =>
    {
        application.MapGet("/whoami", (Caller caller) => caller.Key.Id);
        application.MapGet("/admin", () => "yes").RequireAdmin();
    });

    private static async Task<HttpResponseMessage> SendAsync(GatewayHost host, string path, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return await host.Client.SendAsync(request);
    }
}
