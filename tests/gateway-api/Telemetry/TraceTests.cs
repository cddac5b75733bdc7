using System.Diagnostics;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Telemetry;

public sealed class TraceTests
{
    private const string Canary = "canary-in-a-question";

    [Fact]
    public async Task Turn_IsOneTraceFromTheCallersParentToTheUpstream()
    {
        using var trace = new RecordedTrace(source => source is "OrleansChat" or "Microsoft.AspNetCore");
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl));
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        upstream.Enqueue(Reply.Text("Hi").WithUsage(7, 3));

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = GatewayHost.Json($$"""{"message":"{{Canary}}"}""") };
        request.Headers.Add("traceparent", trace.TraceParent);
        using (var response = await host.Client.SendAsync(request))
            Assert.True(response.IsSuccessStatusCode);

        // Each span ends by itself: the turn's own a moment after its answer was sent. A span of any server will not do: the upstream's, in this process too, ends before the gateway's.
        await TestWait.UntilAsync(() => trace.Outermost is not null
            && ((string[])["turn", "admit", "chat scripted-model", "ISessionActor/StartTurnAsync"]).All(name => trace.Spans.Any(span => span.OperationName == name)));

        var chat = Assert.Single(trace.Spans, span => span.OperationName == "chat scripted-model");
        Assert.Equal(ActivityKind.Client, chat.Kind);
        Assert.Equal(("chat", "openai", "scripted-model"), (chat.GetTagItem("gen_ai.operation.name"), chat.GetTagItem("gen_ai.provider.name"), chat.GetTagItem("gen_ai.request.model")));
        Assert.Equal((7L, 3L), (chat.GetTagItem("gen_ai.usage.input_tokens"), chat.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal(session, Assert.Single(trace.Spans, span => span.OperationName == "turn").GetTagItem("gen_ai.conversation.id"));
        Assert.Contains(trace.From(chat), span => span.OperationName == "turn");
        Assert.Contains(trace.From(chat), span => span.OperationName == "ISessionActor/StartTurnAsync");
        Assert.Equal(ActivityKind.Server, trace.Outermost!.Kind);
        Assert.Same(trace.Outermost, trace.From(chat).Last());
        Assert.Contains(trace.Spans, span => span.OperationName == "admit");
        var sent = Assert.Single(upstream.Requests).Headers["traceparent"];
        Assert.StartsWith($"00-{trace.Id}-", sent, StringComparison.Ordinal);
        Assert.Equal(chat.Id, sent);
        Assert.DoesNotContain(trace.Spans, span => span.TagObjects.Any(tag => tag.Value?.ToString()?.Contains(Canary, StringComparison.Ordinal) == true));
    }
}
