#pragma warning disable OPENAI001 // The client of the Responses API is marked as an experiment of the package's.
using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI.Responses;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Anthropic;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Responses;

/// <summary>What the official .NET client of OpenAI sees of the Responses API.</summary>
public sealed class OfficialResponsesClientTests : IAsyncLifetime
{
    private MessagesHost _host = null!;

    public async Task InitializeAsync() => _host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Response_IsGivenReadFollowedAndDeleted()
    {
        _host.Upstream.Enqueue(Reply.Text("Hello there").WithUsage(9, 3), Reply.Text("Again"));

        ResponseResult first = await Client().CreateResponseAsync("default", "Hi");

        Assert.Equal((ResponseStatus.Completed, "Hello there", 3), (first.Status, first.GetOutputText(), first.Usage.OutputTokenCount));
        ResponseResult read = await Client().GetResponseAsync(first.Id);
        Assert.Equal("Hello there", read.GetOutputText());
        ResponseResult second = await Client().CreateResponseAsync("default", "And?", first.Id);
        Assert.Equal((first.Id, "Again"), (second.PreviousResponseId, second.GetOutputText()));
        Assert.Equal(3, _host.Upstream.Requests[1].Body.GetProperty("messages").GetArrayLength());
        ResponseDeletionResult deleted = await Client().DeleteResponseAsync(first.Id);
        Assert.True(deleted.Deleted);
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => Client().GetResponseAsync(first.Id));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task Stream_GivesThePiecesAndEndsWithTheResponse()
    {
        _host.Upstream.Enqueue(Reply.Pieces("Hel", "lo", " wörld").WithUsage(9, 3));
        var said = "";
        ResponseResult? whole = null;
        var options = new CreateResponseOptions("default", [ResponseItem.CreateUserMessageItem("Hi")]) { StreamingEnabled = true };
        await foreach (var update in Client().CreateResponseStreamingAsync(options))
        {
            said += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            whole = (update as StreamingResponseCompletedUpdate)?.Response ?? whole;
        }

        Assert.Equal(("Hello wörld", "Hello wörld"), (said, whole?.GetOutputText()));
    }

    [Fact]
    public async Task Tools_AreCalledAndAnswered()
    {
        _host.Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("call_1", "weather", """{"city":"Oslo"}""")), Reply.Text("It is cold."));
        var options = new CreateResponseOptions("default", [ResponseItem.CreateUserMessageItem("Weather?")]);
        options.Tools.Add(ResponseTool.CreateFunctionTool("weather", BinaryData.FromString("""{"type":"object"}"""), strictModeEnabled: false));

        ResponseResult asked = await Client().CreateResponseAsync(options);
        var call = Assert.IsType<FunctionCallResponseItem>(Assert.Single(asked.OutputItems));
        Assert.Equal(("weather", """{"city":"Oslo"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
        ResponseResult answered = await Client().CreateResponseAsync("default", [ResponseItem.CreateFunctionCallOutputItem(call.CallId, "-5")], asked.Id);
        Assert.Equal("It is cold.", answered.GetOutputText());
    }

    private ResponsesClient Client() => new(
        new ApiKeyCredential("sk-any"),
        new ResponsesClientOptions { Endpoint = new Uri(_host.Gateway.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
}
