using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.ClientGateway.Tests.Hosting;

public sealed class ClusterTraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c803c19";

    [Fact]
    public async Task Turn_IsOneTraceFromTheCallersParentThroughTheGatewayAndItsGrainToTheUpstream()
    {
        using var trace = new RecordedTrace(Trace, source => source is "OrleansChat" or "Microsoft.AspNetCore" || source.StartsWith("Microsoft.Orleans", StringComparison.Ordinal));
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var cluster = new LocalCluster(
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(new { api_version = "v1", message = "Hi", session_id = "traced" }) };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        using (var response = await cluster.Http.SendAsync(request))
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());

        // Each span ends by itself, some a moment after the answer was sent.
        await TestWait.UntilAsync(() => trace.Spans.Any(span => span.Kind is ActivityKind.Server && span.Source.Name == "Microsoft.AspNetCore")
            && Chat() is { } chat && trace.From(chat).Any(span => span.OperationName == "turn") && trace.From(chat).Any(IsGrainCall));
        Assert.StartsWith($"00-{Trace}-", Assert.Single(upstream.Requests).Headers["traceparent"], StringComparison.Ordinal);

        Activity? Chat() => trace.Spans.FirstOrDefault(span => span.OperationName == "chat scripted-model");

        static bool IsGrainCall(Activity span) => span.Source.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) && span.Kind is ActivityKind.Server;
    }
}
