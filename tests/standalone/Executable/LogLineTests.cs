using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>By what a line of the log is found again: the correlation id of its request, its trace, and how long the request took.</summary>
public sealed partial class LogLineTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const int OfARequest = 60;
    private const int OfAnUpstreamsProblem = 2;

    [Fact]
    public async Task Json_HasTheCorrelationIdAndTheTraceInEveryLineOfARequest_AndItsDurationInTheLast()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Fallback = static _ => Reply.Status(500);
        await using var server = await StartAsync(
            folder, "Logging:Json=true", "Upstreams:0:Id=local", $"Upstreams:0:BaseUrl={upstream.BaseUrl}", "Upstreams:0:MaxRetries=0", "Models:0:Id=default", "Models:0:Route=local/any");

        await AskAsync(server, "other-request", null);
        await AskAsync(server, "known-request", Trace);
        await TestWait.UntilAsync(() => LinesOf("known-request").Any(line => EventOf(line) == OfARequest));

        var lines = LinesOf("known-request");
        Assert.Equal([OfAnUpstreamsProblem, OfARequest], lines.Select(EventOf).Where(id => id is OfAnUpstreamsProblem or OfARequest));
        Assert.All(lines, line => Assert.Equal(Trace, line.GetProperty("TraceId").GetString()));
        var properties = lines[^1].GetProperty("Properties");
        Assert.Equal("POST /v1/chat/completions", $"{properties.GetProperty("Method").GetString()} {properties.GetProperty("Route").GetString()}");
        Assert.InRange(properties.GetProperty("ElapsedMs").GetDouble(), double.Epsilon, double.MaxValue);
        Assert.InRange(properties.GetProperty("Status").GetInt32(), 500, 599);

        IReadOnlyList<JsonElement> LinesOf(string request) =>
            [.. server.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).Where(line => CorrelationOf(line) == request)];
    }

    [Fact]
    public async Task Json_OfARequestThatBroughtNoTrace_HasOneOfItsOwn_WhereTracesAreSent()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder, "Logging:Json=true", "Telemetry:OtlpEndpoint=http://127.0.0.1:1", "Telemetry:OtlpProtocol=HttpProtobuf");

        string[] requests = ["first", "second"];
        foreach (var request in requests)
            await AskAsync(server, request, null);
        await TestWait.UntilAsync(() => requests.All(request => TraceOf(request) is not null));

        Assert.All(requests, request => Assert.Matches("^[0-9a-f]{32}$", TraceOf(request)));
        Assert.NotEqual(TraceOf("first"), TraceOf("second"));

        string? TraceOf(string request) =>
            server.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
                .Where(line => CorrelationOf(line) == request && EventOf(line) == OfARequest)
                .Select(line => line.GetProperty("TraceId").GetString()).SingleOrDefault();
    }

    [Fact]
    public async Task Text_EndsWithTheCorrelationIdAndTheTrace()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder, "Logging:Json=false");

        await AskAsync(server, "known-request", Trace);
        await TestWait.UntilAsync(() => server.Errors.Contains("POST /v1/chat/completions", StringComparison.Ordinal));

        var line = Assert.Single(server.Errors.Split('\n'), line => line.Contains("POST /v1/chat/completions", StringComparison.Ordinal));
        Assert.Matches(TextLine(), line.TrimEnd('\r'));
    }

    private static Task<ServerProcess> StartAsync(TemporaryFolder folder, params string[] settings) =>
        ServerProcess.StartAsync(folder.Path, [.. settings.Prepend("Logging:Requests=true").Select(setting => $"--OrleansChat:{setting}")]);

    private static async Task AskAsync(ServerProcess server, string correlation, string? trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { { "X-Correlation-ID", correlation } },
            Content = JsonContent.Create(new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        if (trace is not null)
            request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        using var response = await server.Http.SendAsync(request);
        Assert.Equal(correlation, Assert.Single(response.Headers.GetValues("X-Correlation-ID")));
    }

    private static string? CorrelationOf(JsonElement line) =>
        line.TryGetProperty("Properties", out var properties) && properties.TryGetProperty("CorrelationId", out var id) ? id.GetString() : null;

    private static int? EventOf(JsonElement line) =>
        line.GetProperty("Properties").TryGetProperty("EventId", out var id) && id.TryGetProperty("Id", out var number) ? number.GetInt32() : null;

    [GeneratedRegex($@"^\d\d:\d\d:\d\d\.\d{{3}} INF \S+RequestLog: POST /v1/chat/completions 200 in \d+\.\d ms by \S+ known-request {Trace}$")]
    private static partial Regex TextLine();
}
