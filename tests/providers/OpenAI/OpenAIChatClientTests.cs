using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.OpenAI;

public sealed class OpenAIChatClientTests
{
    private const string ManyBytes = "Grüße, 世界! 👩‍👩‍👧 naïve — done";

    [Fact]
    public async Task Respond_GivesTextUsageAndFinishReason()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("Hello world").WithUsage(10, 7, cachedInputTokens: 4, reasoningTokens: 5));

        var response = await TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

        Assert.Equal("Hello world", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("scripted-model", response.ModelId);
        Assert.Equal("chatcmpl-scripted", response.ResponseId);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), response.CreatedAt);
        Assert.Equal((10, 7, 17), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
        Assert.Equal((4, 5), (response.Usage.CachedInputTokenCount, response.Usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task Stream_GivesEachTokenAsItArrives()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Text("one two").GatedBy(gate));
        await using var updates = TestConnection.Ask(connection, TestConnection.Patience()).GetAsyncEnumerator();

        var first = updates.MoveNextAsync().AsTask();
        await upstream.NextRequestAsync(TestConnection.Patience());
        Assert.False(first.IsCompleted);
        gate.Release();
        Assert.True(await first);
        Assert.Equal("one", updates.Current.Text);

        var second = updates.MoveNextAsync().AsTask();
        Assert.False(second.IsCompleted);
        gate.Release();
        Assert.True(await second);
        Assert.Equal(" two", updates.Current.Text);
    }

    [Fact]
    public async Task Stream_AlwaysAsksForUsageAndReportsIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("a b c").WithUsage(11, 3).WithFinishReason("length"));

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.True(upstream.Requests.Single().WantsUsage);
        Assert.Equal("a b c", response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal((upstream.Bill.InputTokens, upstream.Bill.OutputTokens), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Stream_WithoutUsage_ReportsNone()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("a b").WithoutUsage());

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.Null(response.Usage);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(7, false)]
    public async Task Stream_TornInsideLinesAndCharacters_IsPutTogether(int bytesPerWrite, bool crLf)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        var reply = Reply.Text(ManyBytes).WithComments().SplitBytes(bytesPerWrite);
        upstream.Enqueue(crLf ? reply.WithCrLf() : reply);

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.Equal(ManyBytes, response.Text);
    }

    [Theory]
    [InlineData("content_filter", "content_filter")]
    [InlineData("function_call", "tool_calls")]
    [InlineData("something_new", "something_new")]
    public async Task Stream_FinishReason_IsMapped(string sent, string expected)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Text("a").WithFinishReason(sent));

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.Equal(expected, response.FinishReason?.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ToolCalls_AreAssembledWithTheirArguments(bool streamed)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Calls(
            new ScriptedToolCall("call_1", "weather", """{"city":"Zürich","days":3}"""),
            new ScriptedToolCall("call_2", "time", "")));

        var client = TestConnection.Chat(connection);
        var response = streamed
            ? await client.GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()).ToChatResponseAsync()
            : await client.GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());

        var calls = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
        Assert.Equal(["call_1 weather", "call_2 time"], calls.Select(call => $"{call.CallId} {call.Name}"));
        Assert.Equal("Zürich", calls[0].Arguments!["city"]?.ToString());
        Assert.Equal("3", calls[0].Arguments!["days"]?.ToString());
        Assert.Empty(calls[1].Arguments!);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task ToolCalls_WithBrokenArguments_KeepThemForTheModelToSee()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        var client = TestConnection.Chat(connection);
        upstream.Enqueue(Reply.Calls(new ScriptedToolCall("call_1", "weather", """{"city": oops""")), Reply.Text("sorry"));

        var first = await client.GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());
        var call = Assert.Single(first.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        await client.GetResponseAsync([.. first.Messages, new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "bad JSON")])]);

        var sent = upstream.Requests[1].Body.GetProperty("messages");
        Assert.Equal("""{"city": oops""", sent[0].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
    }

    [Fact]
    public async Task Stream_CutBeforeItsEnd_IsAnErrorAfterTheTokens()
    {
        var (text, failure) = await FailAsync(Reply.Text("one two three").CutAfter(2));

        Assert.Equal("one two", text);
        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        Assert.Contains("ended early", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.InnerException);
    }

    [Fact]
    public async Task Stream_EndedInGoodOrderWithoutDone_IsAnError()
    {
        var (text, failure) = await FailAsync(Reply.Text("one two three").EndEarlyAfter(1));

        Assert.Equal("one", text);
        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        Assert.Contains("ended early", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_MalformedEvent_IsAnErrorThatQuotesNothing()
    {
        var (text, failure) = await FailAsync(Reply.Text("one two").MalformedAfter(1));

        Assert.Equal("one", text);
        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ErrorObject_CarriesTheUpstreamsMessage()
    {
        var (text, failure) = await FailAsync(Reply.Text("one two").ErrorAfter(1));

        Assert.Equal("one", text);
        Assert.Equal(UpstreamFailure.ServerError, failure.Failure);
        Assert.Contains("The scripted server is overloaded.", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", UpstreamFailure.RateLimited)]
    [InlineData("""{"error":{"message":"no","code":503}}""", UpstreamFailure.ServerError)]
    [InlineData("""{"error":"just words"}""", UpstreamFailure.ServerError)]
    public async Task Stream_ErrorObject_IsSortedByItsCode(string data, UpstreamFailure expected)
    {
        var (_, failure) = await FailAsync(Reply.RawStream($"data: {data}\n\n"));

        Assert.Equal(expected, failure.Failure);
    }

    [Fact]
    public async Task Stream_ServerThatIgnoresStream_IsReadWhole()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Raw(200, "application/json", """{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}"""));

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.Equal("whole", response.Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":7}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task Respond_AnswerThatIsNoCompletion_IsAProtocolError(string body)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Raw(200, "application/json", body));

        var failure = await Assert.ThrowsAsync<UpstreamException>(
            () => TestConnection.Chat(connection).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        Assert.Equal(TestConnection.UpstreamId, failure.Upstream);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(200, false)]
    [InlineData(400, false)]
    public async Task IllFormedUtf8_IsTheUpstreamsFault(int status, bool streamed)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.Custom(async (context, _) =>
        {
            byte[] illFormed = [0xC3, 0x28];
            context.Response.StatusCode = status;
            context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
            byte[] body = status == 200
                ? [.. "data: {\"choices\":[{\"delta\":{\"content\":\""u8, .. illFormed, .. "\"}}]}\n\n"u8]
                : [.. "{\"error\":{\"message\":\""u8, .. illFormed, .. "\"}}"u8];
            await context.Response.Body.WriteAsync(streamed || status != 200 ? body : body.AsMemory("data: ".Length));
        }));

        var client = TestConnection.Chat(connection);
        var failure = await Assert.ThrowsAsync<UpstreamException>(() => streamed
            ? client.GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience()).ToChatResponseAsync()
            : client.GetResponseAsync("Hi", cancellationToken: TestConnection.Patience()));

        Assert.Equal(status == 200 ? UpstreamFailure.Protocol : UpstreamFailure.InvalidRequest, failure.Failure);
    }

    [Theory]
    [InlineData("""{"error":{"message":"half \ud800 pair"}}""")]
    [InlineData("""{"error":"half \ud800 pair"}""")]
    [InlineData("""{"choices":[{"delta":{"content":"half \ud800 pair"}}]}""")]
    public async Task Stream_HalfASurrogatePair_IsTheUpstreamsFault(string data)
    {
        var (_, failure) = await FailAsync(Reply.RawStream($"data: {data}\n\n"));

        Assert.Contains(failure.Failure, new[] { UpstreamFailure.Protocol, UpstreamFailure.ServerError });
    }

    [Fact]
    public async Task Stream_NextCallReusesTheConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        var ports = new List<int>();
        upstream.Fallback = _ => Reply.Custom(async (context, _) =>
        {
            ports.Add(context.Connection.RemotePort);
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray());
        });

        // The client waits a moment for the end behind the last event, which a busy machine may miss now and then, though never always.
        while (ports.Count < 10 && ports.Distinct().Count() == ports.Count)
            await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.NotEqual(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public async Task Stream_Reasoning_IsKeptApartFromTheText()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(Reply.RawStream(string.Concat(
            new object[]
            {
                new { choices = new[] { new { index = 0, delta = new { reasoning_content = "hmm" } } } },
                new { choices = new[] { new { index = 0, delta = new { content = "42" }, finish_reason = "stop" } } },
            }.Select(chunk => $"data: {JsonSerializer.Serialize(chunk)}\n\n").Append("data: [DONE]\n\n"))));

        var response = await TestConnection.Ask(connection, TestConnection.Patience()).ToChatResponseAsync();

        Assert.Equal("42", response.Text);
        Assert.Equal("hmm", Assert.Single(response.Messages.Single().Contents.OfType<TextReasoningContent>()).Text);
    }

    private static async Task<(string Text, UpstreamException Failure)> FailAsync(Reply reply)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var connection = TestConnection.To(upstream);
        upstream.Enqueue(reply);
        var text = "";
        var failure = await Assert.ThrowsAsync<UpstreamException>(async () =>
        {
            await foreach (var update in TestConnection.Ask(connection, TestConnection.Patience()))
                text += update.Text;
        });
        return (text, failure);
    }
}
