using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>The real executable beside a collector, in a process of its own, since who listens to spans does so for a whole process.</summary>
public sealed class TraceBoundTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Recorded = "01";
    private const string NotRecorded = "00";

    [Fact]
    public async Task RequestsBeyondTheBound_KeepTheirIdsAndAreCounted()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var collector = await CollectAsync();
        await using var server = await StartAsync(folder, upstream, collector, mostTraces: 1);

        // With one a second, eight at once are never all recorded for long.
        await TestWait.UntilAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(server, $"00-{Trace}-b7ad6b7169203331-{Recorded}")));
            return upstream.Requests.Any(request => FlagsOf(request) == NotRecorded);
        });

        Assert.All(upstream.Requests, request => Assert.Equal(Trace, request.Headers["traceparent"].Split('-')[1]));
        var leftOut = upstream.Requests.Count(request => FlagsOf(request) == NotRecorded);
        Assert.InRange(MetricPage.Parse(await server.Http.GetStringAsync("/metrics")).Sum("orleanschat_traces_dropped_total"), leftOut, double.MaxValue);

        // A call is measured when it is settled, which may be after its answer was sent.
        await TestWait.UntilAsync(async () =>
            MetricPage.Parse(await server.Http.GetStringAsync("/metrics")).Sum("gen_ai_client_operation_duration_seconds_count") == upstream.Requests.Count);
    }

    [Fact]
    public async Task WithoutABound_EveryRequestIsRecorded_ButThoseWhoseCallerDoesNot()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var collector = await CollectAsync();
        await using var server = await StartAsync(folder, upstream, collector, mostTraces: 0);

        for (var i = 0; i < 10; i++)
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(server, null)));
        Assert.All(upstream.Requests, request => Assert.Equal(Recorded, FlagsOf(request)));

        await AskAsync(server, $"00-{Trace}-b7ad6b7169203331-{NotRecorded}");
        Assert.Equal(NotRecorded, FlagsOf(upstream.Requests[^1]));
    }

    private static string FlagsOf(RecordedRequest request) => request.Headers["traceparent"].Split('-')[3];

    private static Task<ServerProcess> StartAsync(TemporaryFolder folder, ScriptedUpstream upstream, WebApplication collector, int mostTraces)
    {
        string[] settings =
        [
            $"Telemetry:OtlpEndpoint={collector.Urls.Single()}", "Telemetry:OtlpProtocol=HttpProtobuf", $"Telemetry:MaxTracesPerSecond={mostTraces}",
            "Upstreams:0:Id=local", $"Upstreams:0:BaseUrl={upstream.BaseUrl}", "Models:0:Id=default", "Models:0:Route=local/any",
        ];
        return ServerProcess.StartAsync(folder.Path, settings.Select(setting => $"--OrleansChat:{setting}"));
    }

    private static async Task AskAsync(ServerProcess server, string? parent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        if (parent is not null)
            request.Headers.Add("traceparent", parent);
        using var response = await server.Http.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode);
        Assert.NotEmpty(response.Headers.GetValues("X-Correlation-ID").Single());
    }

    private static async Task<WebApplication> CollectAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.Run(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await collector.StartAsync();
        return collector;
    }
}
