using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>The real executable looks after its settings file by itself, and needs no restart for what it finds there.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string RequestLine = "POST /v1/chat/completions";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ChangedFile_IsInForceWithoutARestart_InWholeOrNotAtAll()
    {
        Write("""{ "Id": "old", "Secret": "sk-old" }""", route: "gone/x", usdPerMillion: 0, isOn: false, level: "Error");
        await using var server = await ServerProcess.StartAsync(_folder.Path);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await KnowsAsync(server, "sk-old"), await KnowsAsync(server, "sk-new")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await CallAsync(server, "sk-boss"));
        Assert.DoesNotContain(RequestLine, server.Errors, StringComparison.Ordinal);

        Write("""{ "Id": "new", "Secret": "sk-new", "Limits": { "RequestsPerDay": 1 } }""", route: "builtin/extractive", usdPerMillion: 10, isOn: true, level: "Information");
        await TestWait.UntilAsync(() => IsOnAsync(server));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await KnowsAsync(server, "sk-old"), await KnowsAsync(server, "sk-new")));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (await CallAsync(server, "sk-new"), await CallAsync(server, "sk-new")));

        // A call is booked, and a line of the log read, a moment after the answer.
        await TestWait.UntilAsync(async () => (await GetAsync(server, "/api/usage")).GetProperty("total").GetProperty("costUsd").GetDecimal() > 0);
        await TestWait.UntilAsync(() => server.Errors.Contains(RequestLine, StringComparison.Ordinal));

        Write("""{ "Id": "twice", "Secret": "sk-one" }, { "Id": "twice", "Secret": "sk-two" }""", route: "gone/x", usdPerMillion: 0, isOn: false, level: "Error");
        await TestWait.UntilAsync(async () => (await FaultAsync(server)).Contains("OrleansChat:ApiKeys:2:Id", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await KnowsAsync(server, "sk-new"), await KnowsAsync(server, "sk-one")));
        Assert.Equal((true, HttpStatusCode.OK), (await IsOnAsync(server), await CallAsync(server, "sk-boss")));
    }

    private void Write(string key, string route, int usdPerMillion, bool isOn, string level) => File.WriteAllText(Path.Combine(_folder.Path, "orleanschat.json"), $$"""
        { "OrleansChat": {
          "ApiKeys": [ { "Id": "boss", "Secret": "sk-boss", "Admin": true }, {{key}} ],
          "Upstreams": [ { "Id": "gone", "BaseUrl": "http://127.0.0.1:1", "MaxRetries": 0 } ],
          "Models": [ { "Id": "default", "Route": [ "{{route}}" ], "InputUsdPerMillion": {{usdPerMillion}}, "OutputUsdPerMillion": {{usdPerMillion}} } ],
          "Flags": [ { "Id": "beta", "On": {{(isOn ? "true" : "false")}} } ],
          "Logging": { "Level": "{{level}}", "Requests": true }
        } }
        """);

    private static async Task<HttpStatusCode> KnowsAsync(ServerProcess server, string key)
    {
        using var answer = await SendAsync(server, HttpMethod.Get, "/v1/models", key);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> CallAsync(ServerProcess server, string key)
    {
        using var answer = await SendAsync(server, HttpMethod.Post, "/v1/chat/completions", key, new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
        return answer.StatusCode;
    }

    private static async Task<bool> IsOnAsync(ServerProcess server) => (await GetAsync(server, "/api/flags")).GetProperty("items")[0].GetProperty("on").GetBoolean();

    private static async Task<string> FaultAsync(ServerProcess server) =>
        (await GetAsync(server, "/health")).GetProperty("components").GetProperty("settings").TryGetProperty("detail", out var detail) ? detail.GetString()! : "";

    private static async Task<JsonElement> GetAsync(ServerProcess server, string path)
    {
        using var answer = await SendAsync(server, HttpMethod.Get, path, "sk-boss");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<HttpResponseMessage> SendAsync(ServerProcess server, HttpMethod method, string path, string key, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "x-api-key", key } }, Content = body is null ? null : JsonContent.Create(body) };
        return await server.Http.SendAsync(request);
    }
}
