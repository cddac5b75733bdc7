using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>What clients and upstreams send to the real executable is in its log as values, never as lines of their own.</summary>
public sealed class LogInjectionTests
{
    private const string Forged = "12:00:00.000 ERR forged";
    private const string Hostile = "x\r\n" + Forged + "\u001b[2J\u0085\u2028" + Forged;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostileText_InIdsHeadersBodiesAndAnswers_MakesNoLine(bool json)
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Fallback = static _ => Reply.Status(500, Hostile, Hostile, Hostile);
        string[] settings =
        [
            "Logging:Level=Debug", $"Logging:Json={(json ? "true" : "false")}", "Logging:Requests=true",
            "Upstreams:0:Id=local", $"Upstreams:0:BaseUrl={upstream.BaseUrl}", "Upstreams:0:MaxRetries=0", "Models:0:Id=default", "Models:0:Route=local/any",
        ];
        await using var server = await ServerProcess.StartAsync(folder.Path, settings.Select(setting => $"--OrleansChat:{setting}"));

        var escaped = Uri.EscapeDataString(Hostile);
        (await server.Http.GetAsync($"/api/sessions/{escaped}")).Dispose();
        (await server.Http.GetAsync($"/{escaped}?q={escaped}")).Dispose();
        (await server.Http.PutAsJsonAsync($"/api/collections/{escaped}", new { })).Dispose();
        (await server.Http.PostAsJsonAsync("/api/search", new { query = Hostile, collection = Hostile, filter = new { a = Hostile } })).Dispose();
        (await server.Http.PostAsJsonAsync("/v1/chat/completions", new { model = Hostile, messages = new[] { new { role = "user", content = Hostile } } })).Dispose();
        (await server.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = Hostile, content = Hostile } } })).Dispose();
        (await server.Http.PostAsJsonAsync("/chat", new { api_version = "v1", message = Hostile, session_id = Hostile })).Dispose();

        // The upstream's words are behind this failure, and a header holds what is not ASCII.
        (await server.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } })).Dispose();
        await SendRawAsync(server.Http.BaseAddress!, $"GET /live HTTP/1.1\r\nHost: localhost\r\nX-Correlation-ID: a\u001b[2Jb\r\nUser-Agent: \u001b[2J{Forged}\r\nConnection: close\r\n\r\n");
        await server.StopAsync();

        var lines = server.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 5, server.Errors);
        Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith(Forged, StringComparison.Ordinal) && !line.StartsWith("   ", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Errors, character => character is '\u001b' or '\u0085' or '\u2028');
        if (json)
            Assert.All(lines, line => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind));
    }

    private static async Task SendRawAsync(Uri server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        await client.GetStream().CopyToAsync(Stream.Null);
    }
}
