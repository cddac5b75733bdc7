using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.ClientGateway.Tests.Hosting;

public sealed class ClusterTraceTests
{
    [Fact]
    public async Task Turn_IsOneTraceFromTheCallersParentThroughTheGatewayAndItsGrainToTheUpstream()
    {
        using var trace = new RecordedTrace(source => source is "OrleansChat" or "Microsoft.AspNetCore" || source.StartsWith("Microsoft.Orleans", StringComparison.Ordinal));
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var cluster = new LocalCluster(
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model");
        cluster.StartSilo();
        cluster.StartGateway();
        await cluster.WaitForAsync("/ready", HttpStatusCode.OK);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/chat") { Content = JsonContent.Create(new { api_version = "v1", message = "Hi", session_id = "traced" }) };
        request.Headers.Add("traceparent", trace.TraceParent);
        using (var response = await cluster.Http.SendAsync(request))
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());

        // Each span ends by itself, some a moment after the answer was sent.
        await TestWait.UntilAsync(() => trace.Outermost is { Kind: ActivityKind.Server, Source.Name: "Microsoft.AspNetCore" } asked
            && Chat() is { } chat && trace.From(chat).Last() == asked && trace.From(chat).Any(span => span.OperationName == "turn") && trace.From(chat).Any(IsGrainCall));
        Assert.StartsWith($"00-{trace.Id}-", Assert.Single(upstream.Requests).Headers["traceparent"], StringComparison.Ordinal);

        Activity? Chat() => trace.Spans.FirstOrDefault(span => span.OperationName == "chat scripted-model");

        static bool IsGrainCall(Activity span) => span.Source.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) && span.Kind is ActivityKind.Server;
    }
}
