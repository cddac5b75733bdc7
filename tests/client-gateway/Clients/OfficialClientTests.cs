using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using OpenAI;
using OpenAI.Chat;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Clients;

/// <summary>What the official .NET clients see of a cluster; each promise in full is held on one machine, where the same gateway code runs.</summary>
public sealed class OfficialClientTests : IAsyncLifetime
{
    private ScriptedUpstream _upstream = null!;
    private LocalCluster _cluster = null!;

    private Uri Address => _cluster.Http.BaseAddress!;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _cluster = new LocalCluster(
            "--OrleansChat:ApiKeys:0:Id=free", "--OrleansChat:ApiKeys:0:Secret=sk-free",
            "--OrleansChat:ApiKeys:1:Id=slow", "--OrleansChat:ApiKeys:1:Secret=sk-slow", "--OrleansChat:ApiKeys:1:Limits:RequestsPerMinute=1",
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={_upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=scripted/scripted-model");
        _cluster.StartSilo();
        _cluster.StartGateway();
        await _cluster.WaitForAsync("/ready", HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task OpenAI_GetsAnswersStreamsAndItsRefusals()
    {
        _upstream.Enqueue(Reply.Text("Hello there").WithUsage(9, 3), Reply.Pieces("Hel", "lo", " wörld").WithUsage(9, 3), Reply.Text("one"));

        ChatCompletion answer = await Chat("sk-free").CompleteChatAsync("Hi");
        Assert.Equal(("Hello there", 9, 3), (answer.Content[0].Text, answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount));

        var said = "";
        await foreach (var update in Chat("sk-free").CompleteChatStreamingAsync("Hi"))
            said += string.Concat(update.ContentUpdate.Select(part => part.Text));
        Assert.Equal("Hello wörld", said);

        await Chat("sk-slow").CompleteChatAsync("Hi");
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => Chat("sk-slow").CompleteChatAsync("Hi"));
        Assert.Equal(429, refused.Status);
    }

    [Fact]
    public async Task Anthropic_GetsAnswersStreamsAndItsRefusals()
    {
        _upstream.Enqueue(Reply.Text("Hello there").WithUsage(9, 2), Reply.Pieces("Hel", "lo", " wörld").WithUsage(9, 2), Reply.Text("one"));

        var answer = await Messages("sk-free").Messages.Create(Ask("Hi"));
        answer.Validate();
        Assert.True(answer.Content[0].TryPickText(out var text));
        Assert.Equal(("Hello there", 9L, 2L), (text.Text, answer.Usage.InputTokens, answer.Usage.OutputTokens));

        var said = "";
        await foreach (var entry in Messages("sk-free").Messages.CreateStreaming(Ask("Hi")))
        {
            if (entry.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var piece))
                said += piece.Text;
        }

        Assert.Equal("Hello wörld", said);

        await Messages("sk-slow").Messages.Create(Ask("Hi"));
        await Assert.ThrowsAsync<AnthropicRateLimitException>(() => Messages("sk-slow").Messages.Create(Ask("Hi")));
    }

    [Fact]
    public async Task Mcp_ListsItsToolsAndAsks()
    {
        _upstream.Enqueue(Reply.Text("At the end."));
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["x-api-key"] = "sk-free" },
        });
        await using var client = await McpClient.CreateAsync(transport);

        Assert.Contains("ask", (await client.ListToolsAsync()).Select(tool => tool.Name));
        var result = await client.CallToolAsync("ask", new Dictionary<string, object?> { ["question"] = "When are files closed?" });

        Assert.Equal("At the end.", string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text)));
    }

    private ChatClient Chat(string key) => new OpenAIClient(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) }).GetChatClient("default");

    private AnthropicClient Messages(string key) =>
        new(new ClientOptions { ApiKey = key, BaseUrl = Address.ToString().TrimEnd('/'), MaxRetries = 0 });

    private static MessageCreateParams Ask(string question) => new()
    {
        Model = "default",
        MaxTokens = 64,
        Messages = [new UserMessageParam(question)],
    };
}
