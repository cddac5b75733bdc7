using System.Buffers;
using System.Text;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Resilience;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.OpenAI;

public sealed class OpenAIPassThroughTests
{
    private static readonly byte[] Streamed = """{"model":"m","stream":true,"stream_options":{"include_usage":true},"x_unknown":{"a":1.50}}"""u8.ToArray();

    [Fact]
    public async Task Send_BodyAndAnswer_PassToTheLetter()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        const string Answer = """{"choices":[],  "x_new":"Grüße"}""";
        upstream.Enqueue(Reply.Raw(200, "application/json; charset=utf-8", Answer));

        await using var stream = await new OpenAIPassThrough(connection).SendAsync("/chat/completions", Streamed, stream: false, cancellationToken: TestConnection.Patience());
        using var reader = new StreamReader(stream.Body);

        Assert.Equal(Answer, await reader.ReadToEndAsync());
        Assert.Equal((200, "application/json; charset=utf-8"), (stream.Status, stream.ContentType));
        Assert.Equal(Encoding.UTF8.GetString(Streamed), upstream.Requests.Single().Text);
    }

    [Fact]
    public async Task Stream_BytesAndUsage_AreSeenOnTheWay()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("one two three").WithUsage(9, 3).SplitBytes(5));

        var (text, scanner) = await ForwardAsync(connection, hidesUsage: false);

        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal((9, 3), (scanner.Usage!.InputTokenCount, scanner.Usage.OutputTokenCount));
        Assert.Equal((3, 13), (scanner.OutputTokens, scanner.ContentCharacters));
        Assert.Equal(("stop", true), (scanner.FinishReason, scanner.IsDone));
    }

    [Fact]
    public async Task Stream_RefusedBeforeTheFirstByte_IsTranslatedAndRetried()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, retries: new UpstreamRetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.FromMilliseconds(1) });
        upstream.Enqueue(Reply.Status(500), Reply.Status(400, "Unknown field: x_unknown."));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => ForwardAsync(connection, hidesUsage: false));

        Assert.Equal((UpstreamFailure.InvalidRequest, 400), (failure.Failure, failure.StatusCode));
        Assert.Contains("Unknown field: x_unknown.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task Stream_CutUnderway_FailsTheReadInsteadOfEndingIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("one two three").CutAfter(2));

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => ForwardAsync(connection, hidesUsage: false));

        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
    }

    [Fact]
    public async Task Stream_SilentUnderway_TimesOut()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream, clock, timeouts: new UpstreamTimeouts { BetweenTokens = TimeSpan.FromSeconds(15) });
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Text("one two").StallAfter(1));
        await using var stream = await new OpenAIPassThrough(connection).SendAsync("/chat/completions", Streamed, stream: true, cancellationToken: TestConnection.Patience());
        var seen = "";
        var buffer = new byte[4096];
        while (!seen.Contains("one", StringComparison.Ordinal) || !seen.EndsWith("\n\n", StringComparison.Ordinal))
            seen += Encoding.UTF8.GetString(buffer, 0, await stream.Body.ReadAsync(buffer, TestConnection.Patience()));

        var read = stream.Body.ReadAsync(buffer, TestConnection.Patience()).AsTask();
        clock.Advance(TimeSpan.FromSeconds(15));

        Assert.Contains("between-tokens timeout", (await Assert.ThrowsAsync<UpstreamException>(() => read)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_Disposed_ClosesTheUpstreamsConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("one two").StallAfter(1));
        var stream = await new OpenAIPassThrough(connection).SendAsync("/chat/completions", Streamed, stream: true, cancellationToken: TestConnection.Patience());

        await stream.DisposeAsync();

        var request = await upstream.NextRequestAsync(TestConnection.Patience());
        await request.Disconnected.WaitAsync(TestConnection.Patience());
    }

    [Fact]
    public void RequestBody_ForUpstream_ChangesModelAndUsageAlone()
    {
        var body = JsonElement.Parse("""{"model":"default","stream":true,"temperature":0.10,"stream_options":{"x":1},"unknown":[1e3]}""");

        var sent = Encoding.UTF8.GetString(OpenAIRequestBody.ForUpstream(body, "gpt-4o-mini").Span);

        Assert.Equal(
            """{"model":"gpt-4o-mini","stream":true,"temperature":0.10,"unknown":[1e3],"stream_options":{"x":1,"include_usage":true}}""", sent);
    }

    [Theory]
    [InlineData("""{"model":"default","messages":[]}""")]
    [InlineData("""{"model":"default","messages":[],"stream":false}""")]
    public void RequestBody_Unstreamed_GetsNoStreamOptions(string body)
        => Assert.DoesNotContain("stream_options", Encoding.UTF8.GetString(OpenAIRequestBody.ForUpstream(JsonElement.Parse(body), "m").Span), StringComparison.Ordinal);

    private static async Task<(string Text, UsageScanner Scanner)> ForwardAsync(UpstreamConnection connection, bool hidesUsage)
    {
        await using var stream = await new OpenAIPassThrough(connection).SendAsync("/chat/completions", Streamed, stream: true, cancellationToken: TestConnection.Patience());
        var scanner = new UsageScanner(hidesUsage);
        var forwarded = new ArrayBufferWriter<byte>();
        var buffer = new byte[64];
        int count;
        while ((count = await stream.Body.ReadAsync(buffer, TestConnection.Patience())) > 0)
            scanner.Scan(buffer.AsSpan(0, count), forwarded);
        scanner.Complete(forwarded);
        return (Encoding.UTF8.GetString(forwarded.WrittenSpan), scanner);
    }
}
