using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Settings;

public sealed class ReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleanschat-reload-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Reload_AddsRevokesAndLimitsKeysWithoutARestart()
    {
        Write("""{ "ApiKeys": [ { "Id": "a", "Secret": "sk-a", "Admin": true }, { "Id": "b", "Secret": "sk-b" } ] }""");
        await using var host = await StartAsync();
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized], await AskAsync(host, "sk-a", "sk-b", "sk-c"));

        Write("""{ "ApiKeys": [ { "Id": "a", "Secret": "sk-a", "Admin": true, "Limits": { "RequestsPerMinute": 77 } }, { "Id": "c", "Secret": "sk-c" } ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK], await AskAsync(host, "sk-a", "sk-b", "sk-c"));
        Assert.Contains("77", await ReadAsync(host, "/api/limits", "sk-a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_ThatTakesAwayWhatAnotherAdded_LeavesItsUsageInTheReport_AndGivesItsIdToNobody()
    {
        const string boss = """{ "Id": "a", "Secret": "sk-a", "Admin": true }""";
        Write($$"""{ "ApiKeys": [ {{boss}} ] }""");
        await using var host = await StartAsync();
        Write($$"""{ "ApiKeys": [ {{boss}}, { "Id": "late", "Secret": "sk-late" } ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();
        using var answer = await host.SendAsync(HttpMethod.Post, "/chat", "sk-late", new { message = "Hi" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        Write($$"""{ "ApiKeys": [ {{boss}} ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();
        await TestWait.UntilAsync(async () => (await ReadAsync(host, "/api/usage?groupBy=key", "sk-a")).Contains("\"late\"", StringComparison.Ordinal));

        using var taken = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-a", new { id = "Late" });
        Assert.Equal(HttpStatusCode.BadRequest, taken.StatusCode);
    }

    [Fact]
    public async Task Reload_ThatNamesTheIdOfAKeyMadeAtRunTime_OverrulesIt_AndItCanStillBeRevoked()
    {
        const string boss = """{ "Id": "a", "Secret": "sk-a", "Admin": true }""";
        Write($$"""{ "ApiKeys": [ {{boss}} ] }""");
        await using var host = await StartAsync();
        using var created = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-a", new { id = "ci" });
        var made = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;

        Write($$"""{ "ApiKeys": [ {{boss}}, { "Id": "CI", "Secret": "sk-ci", "Limits": { "RequestsPerMinute": 5 } } ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK], await AskAsync(host, made, "sk-ci"));
        Assert.Contains("\"overruled\"", await ReadAsync(host, "/api/keys", "sk-a"), StringComparison.Ordinal);
        Assert.DoesNotContain("key:ci", await ReadAsync(host, "/api/limits", "sk-a"), StringComparison.Ordinal);

        Write($$"""{ "ApiKeys": [ {{boss}} ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], await AskAsync(host, made, "sk-ci"));

        Write($$"""{ "ApiKeys": [ {{boss}}, { "Id": "ci", "Secret": "sk-ci" } ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();
        using var revoked = await host.SendAsync(HttpMethod.Delete, "/api/keys/ci", "sk-a");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var again = await host.SendAsync(HttpMethod.Delete, "/api/keys/a", "sk-a");
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("\"revoked\"", await ReadAsync(host, "/api/keys", "sk-a"), StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.OK], await AskAsync(host, "sk-ci"));
    }

    [Fact]
    public async Task Reload_OfAFileAtFault_LeavesTheKeysAndShowsInHealth()
    {
        Write("""{ "ApiKeys": [ { "Id": "a", "Secret": "sk-canary" } ] }""");
        await using var host = await StartAsync();

        Write("""{ "ApiKeys": [ { "Id": "c", "Secret": "sk-c" }, { "Id": "c", "Secret": "sk-canary" } ] }""");
        host.Services.GetRequiredService<SettingsWatch>().Look();

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], await AskAsync(host, "sk-canary", "sk-c"));

        // The answer is that of the last look, which may be of a moment before.
        var health = "";
        await TestWait.UntilAsync(async () => (health = await ReadAsync(host, "/health", "sk-canary")).Contains("\"degraded\"", StringComparison.Ordinal));
        Assert.Contains("The changed settings are at fault", health, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_AreShownToTheCallerAsTheyAreForIt()
    {
        Write("""{ "ApiKeys": [ { "Id": "a", "Secret": "sk-a" }, { "Id": "b", "Secret": "sk-b" } ], "Flags": [ { "Id": "beta", "Keys": [ "a" ] } ] }""");
        await using var host = await StartAsync();
        Assert.Equal("""{"items":[{"id":"beta","on":true}]}""", await ReadAsync(host, "/api/flags", "sk-a"));
        Assert.Equal("""{"items":[{"id":"beta","on":false}]}""", await ReadAsync(host, "/api/flags?sessionId=s", "sk-b"));
    }

    private static async Task<string> ReadAsync(GatewayHost host, string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", key } } };
        using var response = await host.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> AskAsync(GatewayHost host, params string[] keys)
    {
        var codes = new List<HttpStatusCode>();
        foreach (var key in keys)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "x-api-key", key } } };
            using var response = await host.Client.SendAsync(request);
            codes.Add(response.StatusCode);
        }

        return codes;
    }

    private void Write(string section) => File.WriteAllText(Path.Combine(_folder, "orleanschat.json"), $$"""{ "OrleansChat": {{section}} }""");

    private Task<GatewayHost> StartAsync()
    {
        var places = new SettingsPlaces { WorkingDirectory = _folder, HomeDirectory = "", SystemDirectory = _folder };
        var options = OrleansChatSettings.Load(places);

        // The clock stands: a test says when the files are looked at.
        return GatewayHost.StartAsync(options, services => services.AddSingleton<SettingsWatch>(provider => new SettingsWatch(
            places,
            provider.GetRequiredService<LiveSettings>(),
            new FakeClock(),
            provider.GetRequiredService<Microsoft.Extensions.Logging.ILogger<SettingsWatch>>())).AddLiveSettings(options, places));
    }
}
