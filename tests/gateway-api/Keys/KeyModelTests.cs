using System.Net;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Keys;

/// <summary>A key that may use some models alone.</summary>
public sealed class KeyModelTests : ScriptedGatewayTests
{
    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys = [new ApiKeyOptions { Id = "bound", Secret = "sk-bound", Models = ["dear"] }],
    };

    private protected override OrleansChatOptions Adjust(OrleansChatOptions settings) => settings with
    {
        Models =
        [
            settings.Models[0] with { Id = "cheap", InputUsdPerMillion = 0.1m, OutputUsdPerMillion = 0.1m },
            settings.Models[0] with { Id = "dear" },
        ],
    };

    [Theory]
    [InlineData("/api/sessions", """{"model":"none"}""")]
    [InlineData("/chat", """{"api_version":"v2","message":"Hi","optimization_hints":{"model":"none"}}""")]
    public async Task AnUnknownModel_IsRefusedWithTheModelsOfTheKeyAlone(string path, string body)
    {
        using var refused = await Host.SendAsync(HttpMethod.Post, path, "sk-bound", JsonElement.Parse(body));
        var problem = await refused.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Use one of: dear.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCheapestModel_IsTheCheapestOfThoseThatTheKeyMayUse()
    {
        Upstream.Enqueue(Reply.Text("one"));
        using var answer = await Host.SendAsync(
            HttpMethod.Post, "/chat", "sk-bound", new { api_version = "v2", message = "Hi", optimization_hints = new { prefer = "cost" } });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "dear"), (answer.StatusCode, JsonElement.Parse(text).GetProperty("model").GetString()));
    }
}
